#pragma once

#include "lb/filters/client_key.hpp"
#include "lb/filters/filter.hpp"
#include "lb/filters/limit_zone.hpp"
#include "lb/filters/rate_table.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace lb::filters {

struct RateLimitOptions {
  std::string name{"default"};  // in the RateLimit fields; also of the table
  std::uint32_t requests{60};
  std::chrono::milliseconds per{60'000};
  std::uint32_t burst{0};  // at once; 0: all `requests`
  ClientKey key;
  std::size_t clients{65'536};  // remembered; the table takes 16 octets for each
  bool tell{true};              // RateLimit fields in every answer
};

/// So many requests a client and time, then 429 with Retry-After. Tells the client where it stands
/// (draft-ietf-httpapi-ratelimit-headers).
class RateLimit final : public Filter {
 public:
  /// `table`: its name in the process; filters of the same one count together.
  RateLimit(RateLimitOptions options, const std::string& table);
  Next on_request(const Request& request, Passage& passage) const override;

 private:
  RateLimitOptions options_;
  Rate rate_;
  std::string policy_;  // the value of RateLimit-Policy
  std::shared_ptr<RateTable> table_;
  std::shared_ptr<LimitZone> zone_;
};

}  // namespace lb::filters
