#include "lb/filters/rate_limit.hpp"

#include "lb/filters/shared_state.hpp"

#include <algorithm>

namespace lb::filters {
namespace {

std::int64_t whole_seconds(common::Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

}  // namespace

RateLimit::RateLimit(RateLimitOptions options, const std::string& table)
    : options_{std::move(options)},
      rate_{std::max<common::Duration>(common::Duration{options_.per} / options_.requests,
                                       common::Duration{1}),
            options_.burst == 0 ? options_.requests : options_.burst},
      table_{shared_state<RateTable>(
          table + '/' + std::to_string(options_.clients),
          [this] { return std::make_shared<RateTable>(options_.clients); })},
      zone_{LimitZone::named(LimitZone::Kind::Rate, options_.name)} {
  // A quota of what may come at once, in the time it takes to get it back.
  policy_ = '"' + options_.name + "\";q=" + std::to_string(rate_.burst) + ";w=" +
            std::to_string(std::max<std::int64_t>(1, whole_seconds(rate_.interval * rate_.burst)));
}

Next RateLimit::on_request(const Request& request, Passage& passage) const {
  const auto verdict = table_->take(hash_of(options_.key, request), rate_, request.now);
  const auto next = std::max<std::int64_t>(1, whole_seconds(verdict.until_next));
  if (options_.tell) {
    const auto reset = verdict.remaining > 0 ? whole_seconds(verdict.until_whole) : next;
    passage.add_response_field("RateLimit-Policy", policy_);
    passage.add_response_field("RateLimit", passage.keep('"' + options_.name + "\";r=" +
                                                         std::to_string(verdict.remaining) +
                                                         ";t=" + std::to_string(reset)));
  }
  if (verdict.allowed) return Next::Pass;
  zone_->refused.fetch_add(1, std::memory_order_relaxed);
  return passage.refuse(Reason::RateLimited, {{"Retry-After", passage.keep(std::to_string(next))}});
}

}  // namespace lb::filters
