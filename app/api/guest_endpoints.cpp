#include "app/api/guest_endpoints.hpp"

#include "app/api/booking_json.hpp"
#include "app/api/consent_texts.hpp"
#include "app/api/json_body.hpp"
#include "app/api/page_form.hpp"
#include "app/api/preconditions.hpp"
#include "app/api/problem.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

Response answer(const Request& request, const store::CreateOutcome& outcome) {
  if (const auto* created = std::get_if<store::Created>(&outcome)) {
    auto response = json_response(201, receipt_json(created->receipt));
    response.set("Location", "/api/v1/bookings/" + created->receipt.number.grouped());
    if (created->replayed) response.set("Idempotency-Replayed", "true");
    return response;
  }
  const bool mismatch =
      std::get<store::CreateRefusal>(outcome) == store::CreateRefusal::KeyMismatch;
  return to_response(
      move_problem(mismatch ? store::MoveRefusal::KeyMismatch : store::MoveRefusal::KeyRunning),
      request);
}

Problem locked_problem(const Locked& locked) {
  Problem problem{
      429, "lookup_locked", "too many failed tries; wait, or do the work", {}, locked.verdict.wait};
  problem.challenge = locked.challenge;
  problem.challenge_bits = locked.verdict.bits;
  return problem;
}

Response guest_answer(const GuestView& view) {
  auto response = json_response(200, guest_booking_json(view));
  response.set("ETag", etag_of(view.booking.version));
  return response;
}

}  // namespace

void GuestEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/api/v1/windows", [this](const Request& r) { return windows(r); });
  routes.add("POST", "/api/v1/bookings", [this](const Request& r) { return create(r); });
  routes.add("POST", "/api/v1/bookings/lookup", [this](const Request& r) { return lookup(r); });
  for (const auto what :
       {core::Move::Accept, core::Move::Decline, core::Move::Cancel, core::Move::Change})
    routes.add("POST", "/api/v1/bookings/{number}/" + std::string{core::to_string(what)},
               [this, what](const Request& r) { return move(r, what); });
}

asio::awaitable<Response> GuestEndpoints::windows(const Request& request) {
  const auto offer = co_await desk_.offer();
  if (!offer) co_return to_response(store_problem(offer.error()), request);
  co_return json_response(200, (*offer)->json);
}

asio::awaitable<Response> GuestEndpoints::create(const Request& request) {
  if (const auto problem = unless_json(request)) co_return to_response(*problem, request);
  auto key = idempotency_key_of(request);
  if (const auto* problem = std::get_if<Problem>(&key)) co_return to_response(*problem, request);
  const auto read = read_booking(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto offer = co_await desk_.offer();
  if (!offer) co_return to_response(store_problem(offer.error()), request);
  auto checked =
      core::validate(std::get<core::BookingDraft>(read), common::wall_now(), (*offer)->rules);
  if (!checked.request) co_return to_response(fields_problem(std::move(checked.errors)), request);
  const auto texts = consent_texts(language_of(request));
  const auto outcome = co_await desk_.submit(std::move(*checked.request),
                                             std::move(std::get<std::string>(key)), texts);
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  co_return answer(request, *outcome);
}

asio::awaitable<Response> GuestEndpoints::lookup(const Request& request) {
  if (const auto problem = unless_json(request)) co_return to_response(*problem, request);
  auto read = read_lookup(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& wanted = std::get<Lookup>(read);
  // Named, not braces in the call: GCC 12 destroys such a temporary of a coroutine twice.
  GuestClaim claim{request.client, std::move(wanted.phone), std::move(wanted.proof)};
  auto outcome = co_await desk_.look_up(std::move(wanted.number), std::move(claim));
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (const auto* locked = std::get_if<Locked>(&*outcome))
    co_return to_response(locked_problem(*locked), request);
  const auto& found = std::get<std::optional<GuestView>>(*outcome);
  if (!found) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  co_return guest_answer(*found);
}

asio::awaitable<Response> GuestEndpoints::move(const Request& request, core::Move what) {
  if (const auto problem = unless_json(request)) co_return to_response(*problem, request);
  const auto key = idempotency_key_of(request);
  if (const auto* problem = std::get_if<Problem>(&key)) co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  auto read = read_guest_move(request.body, what == core::Move::Change);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& given = std::get<GuestMove>(read);
  auto command = desk_.guest_command(what, request.parameter, given.phone, request.client);
  if (!command) co_return to_response(move_problem(store::MoveRefusal::NotFound), request);
  command->idempotency_key = std::get<std::string>(key);
  command->version = std::get<std::optional<std::int64_t>>(version);
  const auto reason = core::checked_reason(given.reason);
  if (!reason)
    co_return to_response(fields_problem({{"/reason", "invalid", "500자까지 쓸 수 있습니다.",
                                           "At most 500 characters."}}),
                          request);
  command->reason = *reason;
  if (what == core::Move::Change) {
    const auto offer = co_await desk_.offer();
    if (!offer) co_return to_response(store_problem(offer.error()), request);
    auto checked = core::validate(given.amendment, command->now, (*offer)->rules);
    if (!checked.amendment)
      co_return to_response(fields_problem(std::move(checked.errors)), request);
    command->amendment = std::move(checked.amendment);
  }
  GuestClaim claim{request.client, given.phone, given.proof};
  const auto outcome = co_await desk_.move(std::move(*command), std::move(claim));
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (const auto* locked = std::get_if<Locked>(&*outcome))
    co_return to_response(locked_problem(*locked), request);
  const auto& made = std::get<store::MoveOutcome>(*outcome);
  if (const auto* refusal = std::get_if<store::MoveRefusal>(&made))
    co_return to_response(move_problem(*refusal), request);
  const auto& moved = std::get<store::Moved>(made);
  const auto told = co_await desk_.tell(moved.booking);
  if (!told) co_return to_response(store_problem(told.error()), request);
  auto response = guest_answer(*told);
  if (moved.replayed) response.set("Idempotency-Replayed", "true");
  co_return response;
}

}  // namespace booking::api
