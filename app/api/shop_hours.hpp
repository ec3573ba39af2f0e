#pragma once

#include "app/core/offered_windows.hpp"
#include "app/store/store.hpp"
#include "common/time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace booking::api {

/// The shop's calendar as guests are told of it.
struct Offer {
  core::CalendarRules rules;
  std::vector<core::OfferedDay> days;  // within the horizon
  std::string json;                    // of them, made once for all who ask
};

/// Keeps the offer for a moment, so that a page costs no query. What an owner changes on one node
/// guests see on every node after kKept; who plans visits reads the store itself.
class ShopHours {
 public:
  static constexpr std::chrono::seconds kKept{2};

  explicit ShopHours(store::Store& store) : store_{store} {}

  /// While no database answers: what was known before.
  store::Awaitable<std::shared_ptr<const Offer>> offer();

 private:
  store::Store& store_;
  std::shared_ptr<const Offer> kept_;
  common::TimePoint asked_;
};

}  // namespace booking::api
