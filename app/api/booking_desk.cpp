#include "app/api/booking_desk.hpp"

#include "app/store/fingerprint.hpp"
#include "common/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace booking::api {
namespace {

constexpr common::Log kLog{"booking.api"};
/// So long who finds nothing waits for the answer, whatever the reason: a clock tells them nothing.
constexpr std::chrono::milliseconds kMissTakes{60};

std::string_view result_of(const common::Result<store::CreateOutcome>& outcome) {
  if (!outcome) return "failed";
  if (const auto* created = std::get_if<store::Created>(&*outcome))
    return created->replayed ? "replayed" : "created";
  return std::get<store::CreateRefusal>(*outcome) == store::CreateRefusal::KeyMismatch ? "mismatch"
                                                                                       : "running";
}

}  // namespace

store::Awaitable<store::CreateOutcome> BookingDesk::submit(core::BookingRequest request,
                                                           std::string key,
                                                           store::ConsentTexts texts,
                                                           std::optional<store::TokenHash> draft) {
  const auto phone = request.phone.masked();
  const auto print = store::fingerprint(request);
  store::CreateBooking command{std::move(request), std::move(key), print,
                               common::wall_now(), draft,          texts};
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

store::Awaitable<LookupOutcome> BookingDesk::look_up(std::string number, GuestClaim claim) {
  const auto begun = common::Clock::now();
  const auto now = common::wall_now();
  store::GuestLook look{.subjects = guard_.subjects(claim),
                        .may =
                            [this, claim, now](const GuestGuard::Failures& failures) {
                              return !guard_.judge(claim, failures, now);
                            },
                        .number = core::BookingNumber::parse(number),
                        .phone = core::Phone::parse(claim.phone)};
  auto looked = co_await store_.look_up(std::move(look));
  if (!looked) {
    metrics_.on_lookup("failed");
    co_return looked.error();
  }
  if (!looked->let) {
    metrics_.on_lookup("locked");
    co_return std::move(*guard_.judge(claim, looked->failures, now));
  }
  metrics_.on_lookup(looked->found ? "found" : "not_found");
  if (looked->found)
    co_return view_of(std::move(looked->found->booking), std::move(looked->found->story));
  const auto missed = co_await miss(claim, begun);
  if (!missed) co_return missed.error();
  co_return std::optional<GuestView>{};
}

store::Awaitable<ListOutcome> BookingDesk::look_up_by_name(std::string name, GuestClaim claim) {
  const auto begun = common::Clock::now();
  auto locked = co_await guard_.check(claim);
  if (!locked) co_return locked.error();
  if (*locked) {
    metrics_.on_lookup("locked");
    co_return std::move(**locked);
  }
  std::vector<core::Booking> found;
  if (const auto caller = core::Phone::parse(claim.phone)) {
    auto bookings = co_await store_.find_by_name(std::move(name), *caller);
    if (!bookings) co_return bookings.error();
    found = std::move(*bookings);
  }
  metrics_.on_lookup(found.empty() ? "not_found" : "listed");
  if (!found.empty()) co_return found;
  const auto missed = co_await miss(claim, begun);
  if (!missed) co_return missed.error();
  co_return found;
}

store::Awaitable<store::Done> BookingDesk::miss(const GuestClaim& claim, common::TimePoint begun) {
  auto counted = co_await guard_.failed(claim);
  if (!counted) co_return counted.error();
  boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor, begun + kMissTakes};
  co_await pause.async_wait(boost::asio::use_awaitable);
  co_return store::Done{};
}

store::Awaitable<store::PhotoOutcome> BookingDesk::add_photos(store::PhotoUpload upload) {
  return store_.add_photos(std::move(upload));
}

store::Awaitable<std::vector<store::Photo>> BookingDesk::photos_of_draft(store::TokenHash draft) {
  return store_.photos_of_draft(draft);
}

store::Awaitable<GuestView> BookingDesk::tell(core::Booking booking) {
  auto story = co_await store_.story(booking.id);
  if (!story) co_return story.error();
  co_return view_of(std::move(booking), std::move(*story));
}

GuestView BookingDesk::view_of(core::Booking booking, store::Story story) const {
  const auto now = common::wall_now();
  auto moves = core::guest_moves(booking, policy_, now);
  std::vector<std::string> links;
  for (const auto& photo : story.photos) links.push_back(links_.url(photo.id, now));
  return {std::move(booking), std::move(story.events), std::move(moves), std::move(links)};
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

store::Awaitable<GuestMoveOutcome> BookingDesk::move(store::Transition command, GuestClaim claim) {
  const auto begun = common::Clock::now();
  auto locked = co_await guard_.check(claim);
  if (!locked) co_return locked.error();
  if (*locked) co_return std::move(**locked);
  const auto what = core::to_string(command.move);
  const auto number = command.number.grouped();
  command.fingerprint = store::fingerprint(command);
  auto outcome = co_await store_.move(std::move(command));
  if (!outcome) co_return outcome.error();
  const auto* refusal = std::get_if<store::MoveRefusal>(&*outcome);
  if (refusal != nullptr && *refusal == store::MoveRefusal::NotFound)
    if (const auto missed = co_await miss(claim, begun); !missed) co_return missed.error();
  const auto* moved = std::get_if<store::Moved>(&*outcome);
  if (moved != nullptr && !moved->replayed) {
    metrics_.on_booking(core::to_string(moved->booking.status));
    kLog.info("booking moved", {{"number", number}, {"move", what}, {"by", "guest"}});
  }
  co_return std::move(*outcome);
}

}  // namespace booking::api
