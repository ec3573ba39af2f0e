#include "app/api/shop_hours.hpp"

#include "app/api/calendar_json.hpp"

namespace booking::api {

store::Awaitable<std::shared_ptr<const Offer>> ShopHours::offer() {
  const auto now = common::Clock::now();
  if (kept_ && now - asked_ < kKept) co_return kept_;
  asked_ = now;  // who comes while we ask takes what is there
  auto calendar = co_await store_.office().calendar();
  if (!calendar) {
    if (kept_) co_return kept_;
    co_return calendar.error();
  }
  auto days = core::offered_days(calendar->rules, common::wall_now(),
                                 calendar->rules.horizon + std::chrono::days{1});
  auto json = windows_json(days);
  kept_ = std::make_shared<const Offer>(
      Offer{std::move(calendar->rules), std::move(days), std::move(json)});
  co_return kept_;
}

}  // namespace booking::api
