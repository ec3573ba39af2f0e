#include "app/api/booking_desk.hpp"

#include "app/store/fingerprint.hpp"
#include "common/log.hpp"

namespace booking::api {
namespace {

constexpr common::Log kLog{"booking.api"};

std::string_view result_of(const common::Result<store::CreateOutcome>& outcome) {
  if (!outcome) return "failed";
  if (const auto* created = std::get_if<store::Created>(&*outcome))
    return created->replayed ? "replayed" : "created";
  return std::get<store::CreateRefusal>(*outcome) == store::CreateRefusal::KeyMismatch ? "mismatch"
                                                                                       : "running";
}

}  // namespace

store::Awaitable<store::CreateOutcome> BookingDesk::submit(core::BookingRequest request,
                                                           std::string key) {
  const auto phone = request.phone.masked();
  const auto print = store::fingerprint(request);
  store::CreateBooking command{std::move(request), std::move(key), print, common::wall_now()};
  auto outcome = co_await store_.create_booking(std::move(command));
  const auto result = result_of(outcome);
  metrics_.on_idempotent(result);
  if (result == "created") {
    metrics_.on_booking("requested");
    kLog.info("booking requested",
              {{"number", std::get<store::Created>(*outcome).receipt.number.grouped()},
               {"phone", phone}});
  }
  co_return outcome;
}

store::Awaitable<std::optional<core::Booking>> BookingDesk::find(std::string number,
                                                                 std::string phone) {
  const auto wanted = core::BookingNumber::parse(number);
  const auto caller = core::Phone::parse(phone);
  if (!wanted || !caller) {
    metrics_.on_lookup("not_found");
    co_return std::optional<core::Booking>{};
  }
  auto found = co_await store_.find_booking(*wanted, *caller);
  metrics_.on_lookup(!found ? "failed" : *found ? "found" : "not_found");
  co_return found;
}

store::Awaitable<GuestView> BookingDesk::tell(core::Booking booking) {
  auto events = co_await store_.timeline(booking.id);
  if (!events) co_return events.error();
  auto moves = core::guest_moves(booking, policy_, common::wall_now());
  co_return GuestView{std::move(booking), std::move(*events), std::move(moves)};
}

std::optional<store::Transition> BookingDesk::guest_command(core::Move what,
                                                            std::string_view number,
                                                            std::string_view phone,
                                                            const common::IpAddress& client) const {
  const auto wanted = core::BookingNumber::parse(number);
  auto caller = core::Phone::parse(phone);
  if (!wanted || !caller) return std::nullopt;
  return store::Transition{.number = *wanted,
                           .move = what,
                           .by = core::Party::Guest,
                           .phone = std::move(caller),
                           .policy = policy_,
                           .actor = {"", client.to_string()},
                           .now = common::wall_now()};
}

store::Awaitable<store::MoveOutcome> BookingDesk::move(store::Transition command) {
  const auto what = core::to_string(command.move);
  const auto number = command.number.grouped();
  command.fingerprint = store::fingerprint(command);
  auto outcome = co_await store_.move(std::move(command));
  const auto* moved = outcome ? std::get_if<store::Moved>(&*outcome) : nullptr;
  if (moved != nullptr && !moved->replayed) {
    metrics_.on_booking(core::to_string(moved->booking.status));
    kLog.info("booking moved", {{"number", number}, {"move", what}, {"by", "guest"}});
  }
  co_return outcome;
}

}  // namespace booking::api
