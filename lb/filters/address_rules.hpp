#pragma once

#include "common/address.hpp"
#include "lb/filters/filter.hpp"

#include <array>
#include <span>
#include <vector>

namespace lb::filters {

/// `::ffff:a.b.c.d` as the IPv4 address it is: a listener on `[::]` sees IPv4 clients so.
common::IpAddress without_mapping(const common::IpAddress& address);

/// Which addresses are allowed. The longest prefix that holds an address decides, `deny` among
/// equals; an address in none is allowed when nothing is listed as allowed.
class AddressRules {
 public:
  AddressRules() = default;
  AddressRules(std::span<const common::PrefixedAddress> allow,
               std::span<const common::PrefixedAddress> deny);

  bool allows(const common::IpAddress& address) const;

 private:
  using Octets = std::array<std::uint8_t, 16>;
  struct Interval {
    Octets first;  // up to the next interval's
    bool allowed;
  };
  std::vector<Interval> v4_;
  std::vector<Interval> v6_;
};

struct AddressOptions {
  std::vector<common::PrefixedAddress> allow;
  std::vector<common::PrefixedAddress> deny;
};

/// Answers 403 to addresses that may not ask.
class AddressFilter final : public Filter {
 public:
  explicit AddressFilter(const AddressOptions& options) : rules_{options.allow, options.deny} {}
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  AddressRules rules_;
};

}  // namespace lb::filters
