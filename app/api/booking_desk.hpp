#pragma once

#include "app/api/metrics.hpp"
#include "app/store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace booking::api {

/// What the API and the pages both do for a guest, counted in one place.
class BookingDesk {
 public:
  BookingDesk(store::Store& store, Metrics& metrics) : store_{store}, metrics_{metrics} {}

  store::Awaitable<store::CreateOutcome> submit(core::BookingRequest request, std::string key);
  /// Words as the guest wrote them: one that cannot be a number or a phone finds nothing, like one
  /// that belongs to nobody.
  store::Awaitable<std::optional<core::Booking>> find(std::string number, std::string phone);

 private:
  store::Store& store_;
  Metrics& metrics_;
};

}  // namespace booking::api
