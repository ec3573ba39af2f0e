#pragma once

#include "app/api/booking_json.hpp"
#include "app/api/guest_guard.hpp"
#include "app/api/metrics.hpp"
#include "app/api/photo_links.hpp"
#include "app/api/shop_hours.hpp"
#include "app/store/store.hpp"
#include "common/address.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace booking::api {

using LookupOutcome = std::variant<Locked, std::optional<GuestView>>;
using ListOutcome = std::variant<Locked, std::vector<core::Booking>>;
using GuestMoveOutcome = std::variant<Locked, store::MoveOutcome>;

/// What the API and the pages both do for a guest, counted in one place.
class BookingDesk {
 public:
  BookingDesk(store::Store& store, Metrics& metrics, core::GuestPolicy policy, GuestGuard& guard,
              const PhotoLinks& links, ShopHours& hours)
      : store_{store},
        metrics_{metrics},
        policy_{policy},
        guard_{guard},
        links_{links},
        hours_{hours} {}

  /// When guests can wish for a visit.
  store::Awaitable<std::shared_ptr<const Offer>> offer() { return hours_.offer(); }

  store::Awaitable<store::CreateOutcome> submit(core::BookingRequest request, std::string key,
                                                store::ConsentTexts texts,
                                                std::optional<store::TokenHash> draft = {});
  /// Words as the guest wrote them: one that cannot be a number or a phone finds nothing, like one
  /// that belongs to nobody, and each of them after the same time.
  store::Awaitable<LookupOutcome> look_up(std::string number, GuestClaim claim);
  store::Awaitable<ListOutcome> look_up_by_name(std::string name, GuestClaim claim);
  /// All a guest is told of a booking that is theirs.
  store::Awaitable<GuestView> tell(core::Booking booking);

  /// A guest's move to be filled in; nothing when number or phone cannot be one.
  std::optional<store::Transition> guest_command(core::Move what, std::string_view number,
                                                 std::string_view phone,
                                                 const common::IpAddress& client) const;
  /// Also takes the command's fingerprint, and counts who guesses.
  store::Awaitable<GuestMoveOutcome> move(store::Transition command, GuestClaim claim);

  store::Awaitable<store::PhotoOutcome> add_photos(store::PhotoUpload upload);
  store::Awaitable<std::vector<store::Photo>> photos_of_draft(store::TokenHash draft);

 private:
  GuestView view_of(core::Booking booking, store::Story story) const;
  /// Counts the failure, and answers no sooner than any other failure.
  store::Awaitable<store::Done> miss(const GuestClaim& claim, common::TimePoint begun);

  store::Store& store_;
  Metrics& metrics_;
  core::GuestPolicy policy_;
  GuestGuard& guard_;
  const PhotoLinks& links_;
  ShopHours& hours_;
};

}  // namespace booking::api
