#include "app/api/inbox_endpoints.hpp"

#include "app/api/booking_json.hpp"
#include "app/api/office_json.hpp"
#include "app/api/photo_endpoints.hpp"
#include "app/api/preconditions.hpp"
#include "app/api/query.hpp"
#include "app/core/amendment.hpp"
#include "app/store/fingerprint.hpp"
#include "common/log.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.api"};
constexpr std::size_t kNextFree = 3;
constexpr std::chrono::days kLookAhead{14};  // for them

/// `?status=&limit=&cursor=`, each of them optional.
std::variant<store::BookingQuery, Problem> read_query(const Request& request) {
  store::BookingQuery query;
  if (const auto status = request.query_value("status"); !status.empty()) {
    query.status = core::parse_status(status);
    if (!query.status) return query_problem("status is not one of the known words");
  }
  if (const auto limit = request.query_value("limit"); !limit.empty()) {
    const auto number = number_of(limit);
    if (!number || *number < 1 || *number > std::int64_t{store::kMaxPage})
      return query_problem("limit must be 1 to " + std::to_string(store::kMaxPage));
    query.limit = static_cast<std::size_t>(*number);
  }
  if (const auto cursor = request.query_value("cursor"); !cursor.empty()) {
    query.after = store::parse_cursor(cursor);
    if (!query.after) return query_problem("cursor is not one that was given out");
  }
  return query;
}

/// What is in the words goes into the command, or everything that is wrong with it.
std::optional<Problem> fill(store::Transition& command, const MoveWords& words) {
  if (words.has_visit) {
    auto checked = core::validate(words.visit, command.now);
    if (!checked.visit) return fields_problem(std::move(checked.errors));
    command.visit = std::move(checked.visit);
  }
  if (command.move == core::Move::Quote) {
    auto checked = core::validate(words.estimate, command.now);
    if (!checked.estimate) return fields_problem(std::move(checked.errors));
    command.estimate = std::move(checked.estimate);
  }
  const auto reason = core::checked_reason(words.reason);
  const bool needed = command.move == core::Move::Reject || command.move == core::Move::Cancel;
  if (!reason || (needed && reason->empty()))
    return fields_problem(
        {{"/reason", reason ? "required" : "invalid", "사유를 500자까지 적어 주세요.",
          "Give a reason in at most 500 characters."}});
  command.reason = *reason;
  return std::nullopt;
}

}  // namespace

void InboxEndpoints::add_to(RouteTable& routes) {
  using core::Move;
  routes.add("GET", "/api/v1/admin/bookings", [this](const Request& r) { return list(r); });
  routes.add("GET", "/api/v1/admin/bookings/{number}",
             [this](const Request& r) { return show(r); });
  for (const auto what : {Move::Quote, Move::Approve, Move::Schedule, Move::Reschedule,
                          Move::Complete, Move::Reject, Move::Cancel})
    routes.add("POST", "/api/v1/admin/bookings/{number}/" + std::string{core::to_string(what)},
               [this, what](const Request& r) { return move(r, what); });
}

asio::awaitable<Response> InboxEndpoints::list(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto query = read_query(request);
  if (const auto* problem = std::get_if<Problem>(&query)) co_return to_response(*problem, request);
  const auto page = co_await store_.list_bookings(std::get<store::BookingQuery>(query));
  if (!page) co_return to_response(store_problem(page.error()), request);
  std::vector<core::BookingId> ids;
  for (const auto& booking : page->bookings) ids.push_back(booking.id);
  const auto guests = co_await store_.office().known_guests(std::move(ids));
  if (!guests) co_return to_response(store_problem(guests.error()), request);
  const auto anew = co_await store_.office().wished_anew(promised(page->bookings));
  if (!anew) co_return to_response(store_problem(anew.error()), request);
  const auto& status = std::get<store::BookingQuery>(query).status;
  std::string subject{status ? core::to_string(*status) : std::string_view{"all"}};
  auto names = names_of(page->bookings);
  co_await looks_.at_list(std::get<Visitor>(admitted).actor, "bookings.list", std::move(subject),
                          std::move(names));
  co_return json_response(200, inbox_json(*page, *guests, *anew));
}

asio::awaitable<Response> InboxEndpoints::show(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto number = core::BookingNumber::parse(request.parameter);
  if (!number) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  auto found = co_await store_.office().booking(*number);
  if (!found) co_return to_response(store_problem(found.error()), request);
  if (!*found) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  auto story = co_await store_.story((*found)->id);
  if (!story) co_return to_response(store_problem(story.error()), request);
  auto earlier = co_await store_.office().earlier((*found)->id);
  if (!earlier) co_return to_response(store_problem(earlier.error()), request);
  std::vector<std::string> paths;
  for (const auto& photo : story->photos) paths.push_back(admin_photo_path(photo.id));
  co_await looks_.at(std::get<Visitor>(admitted).actor, "booking.view", number->text());
  const auto version = (*found)->version;
  auto response = json_response(
      200, detail_json({std::move(**found), std::move(story->events), std::move(*earlier),
                        std::move(paths), std::move(story->consents)}));
  response.set("ETag", etag_of(version));
  co_return response;
}

asio::awaitable<Response> InboxEndpoints::move(const Request& request, core::Move what) {
  const auto admitted = co_await gate_.admit(request, kChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto number = core::BookingNumber::parse(request.parameter);
  if (!number) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  const auto key = idempotency_key_of(request);
  if (const auto* problem = std::get_if<Problem>(&key)) co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  const auto read = read_move(request.body, what);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);

  const auto& actor = std::get<Visitor>(admitted).actor;
  const auto& words = std::get<MoveWords>(read);
  store::Transition command{.number = *number,
                            .move = what,
                            .version = std::get<std::optional<std::int64_t>>(version),
                            .idempotency_key = std::get<std::string>(key),
                            .anyway = words.anyway,
                            .actor = actor,
                            .now = common::wall_now()};
  if (const auto problem = fill(command, words)) co_return to_response(*problem, request);
  command.tell_guest = words.notify.value_or(true);
  command.fingerprint = store::fingerprint(command);
  const auto outcome = co_await store_.move(command);
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (const auto* refusal = std::get_if<store::MoveRefusal>(&*outcome))
    co_return co_await refused(request, command, *refusal);

  const auto& moved = std::get<store::Moved>(*outcome);
  if (!moved.replayed) {
    metrics_.on_booking(core::to_string(moved.booking.status));
    kLog.info("booking moved",
              {{"number", number->grouped()}, {"move", core::to_string(what)}, {"by", actor.name}});
  }
  auto response = json_response(200, booking_json(moved.booking));
  response.set("ETag", etag_of(moved.booking.version));
  if (moved.replayed) response.set("Idempotency-Replayed", "true");
  co_return response;
}

asio::awaitable<Response> InboxEndpoints::refused(const Request& request,
                                                  const store::Transition& command,
                                                  store::MoveRefusal refusal) {
  auto problem = move_problem(refusal);
  if (refusal == store::MoveRefusal::SlotTaken) metrics_.on_slot_conflict();
  const bool asks_for_another_time =
      refusal == store::MoveRefusal::SlotTaken || refusal == store::MoveRefusal::OffCalendar;
  if (!asks_for_another_time || !command.visit) co_return to_response(problem, request);
  const auto& visit = *command.visit;
  const auto calendar = co_await store_.office().calendar();
  store::ClaimQuery query{visit.technician, visit.start, visit.start + kLookAhead};
  const auto taken = co_await store_.claims(std::move(query));
  if (!calendar || !taken) co_return to_response(problem, request);
  if (const auto misfit = core::misfit_for_staff(calendar->rules, visit, command.now);
      misfit && refusal == store::MoveRefusal::OffCalendar)
    problem.misfit = core::to_string(*misfit);
  problem.next_free = core::free_starts(calendar->rules, *taken, visit.duration, visit.start,
                                        command.now, kNextFree);
  co_return to_response(problem, request);
}

}  // namespace booking::api
