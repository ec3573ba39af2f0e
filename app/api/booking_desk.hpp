#pragma once

#include "app/api/booking_json.hpp"
#include "app/api/metrics.hpp"
#include "app/store/store.hpp"
#include "common/address.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace booking::api {

/// What the API and the pages both do for a guest, counted in one place.
class BookingDesk {
 public:
  BookingDesk(store::Store& store, Metrics& metrics, core::GuestPolicy policy)
      : store_{store}, metrics_{metrics}, policy_{policy} {}

  store::Awaitable<store::CreateOutcome> submit(core::BookingRequest request, std::string key);
  /// Words as the guest wrote them: one that cannot be a number or a phone finds nothing, like one
  /// that belongs to nobody.
  store::Awaitable<std::optional<core::Booking>> find(std::string number, std::string phone);
  /// All a guest is told of a booking that is theirs.
  store::Awaitable<GuestView> tell(core::Booking booking);

  /// A guest's move to be filled in; nothing when number or phone cannot be one.
  std::optional<store::Transition> guest_command(core::Move what, std::string_view number,
                                                 std::string_view phone,
                                                 const common::IpAddress& client) const;
  /// Also takes the command's fingerprint.
  store::Awaitable<store::MoveOutcome> move(store::Transition command);

 private:
  store::Store& store_;
  Metrics& metrics_;
  core::GuestPolicy policy_;
};

}  // namespace booking::api
