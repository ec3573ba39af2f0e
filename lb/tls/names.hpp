#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lb::tls {

/// In lower case and without a dot at its end, as names are compared.
std::string normal_name(std::string_view name);

/// Whether `pattern` stands for `host`, both normal: the same, or `*.` in front of the same parent
/// (RFC 6125 §6.4.3: for one label, the leftmost, as a whole).
bool stands_for(std::string_view pattern, std::string_view host);

/// Who serves a name: exact names before wildcards, the first of the same name.
class NameTable {
 public:
  /// False when `pattern` has somebody already.
  bool add(std::string pattern, std::size_t who);
  std::optional<std::size_t> find(std::string_view host) const;
  /// Of the nearest wildcard that `host` lies below, at whatever depth and whatever its labels are.
  std::optional<std::size_t> find_above(std::string_view host) const;
  bool empty() const { return names_.empty(); }

 private:
  std::map<std::string, std::size_t, std::less<>> names_;
};

/// The host name in the extension server_name of a ClientHello (RFC 6066 §3), normal; empty when
/// there is none, or octets that no list of one is made of.
std::string server_name_in(std::span<const unsigned char> extension);

/// The host of `Host` or `:authority`, normal: without a port, without brackets.
std::string host_of(std::string_view authority);

}  // namespace lb::tls
