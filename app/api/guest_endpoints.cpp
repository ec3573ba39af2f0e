#include "app/api/guest_endpoints.hpp"

#include "app/api/booking_json.hpp"
#include "app/api/json_body.hpp"
#include "app/api/problem.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kRetryRunning{1};

Response answer(const Request& request, const store::CreateOutcome& outcome) {
  if (const auto* created = std::get_if<store::Created>(&outcome)) {
    auto response = json_response(201, receipt_json(created->receipt));
    response.set("Location", "/api/v1/bookings/" + created->receipt.number.grouped());
    if (created->replayed) response.set("Idempotency-Replayed", "true");
    return response;
  }
  if (std::get<store::CreateRefusal>(outcome) == store::CreateRefusal::KeyMismatch)
    return to_response({422,
                        "idempotency_key_reused",
                        "this Idempotency-Key came before with another request",
                        {},
                        {}},
                       request);
  return to_response({409,
                      "request_running",
                      "a request with this Idempotency-Key is being carried out",
                      {},
                      kRetryRunning},
                     request);
}

/// The key, or nothing when it is missing, comes twice or is not one.
std::optional<std::string> key_of(const Request& request) {
  const auto key = request.field("Idempotency-Key");
  if (request.count("Idempotency-Key") != 1 || !core::is_idempotency_key(key)) return std::nullopt;
  return std::string{key};
}

}  // namespace

std::optional<Response> refuse_unless_json(const Request& request) {
  if (request.media_type() == "application/json") return std::nullopt;
  return to_response({415, "json_expected", "the body must be application/json", {}, {}}, request);
}

void GuestEndpoints::add_to(RouteTable& routes) {
  routes.add("POST", "/api/v1/bookings", [this](const Request& r) { return create(r); });
  routes.add("POST", "/api/v1/bookings/lookup", [this](const Request& r) { return lookup(r); });
}

asio::awaitable<Response> GuestEndpoints::create(const Request& request) {
  if (auto refusal = refuse_unless_json(request)) co_return std::move(*refusal);
  auto key = key_of(request);
  if (!key)
    co_return to_response({400,
                           "idempotency_key_missing",
                           "one Idempotency-Key of 1 to 128 visible ASCII characters is needed",
                           {},
                           {}},
                          request);
  const auto read = read_booking(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto checked = core::validate(std::get<core::BookingDraft>(read), common::wall_now());
  if (!checked.request) co_return to_response(fields_problem(std::move(checked.errors)), request);
  const auto outcome = co_await desk_.submit(std::move(*checked.request), std::move(*key));
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  co_return answer(request, *outcome);
}

asio::awaitable<Response> GuestEndpoints::lookup(const Request& request) {
  if (auto refusal = refuse_unless_json(request)) co_return std::move(*refusal);
  auto read = read_lookup(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& wanted = std::get<Lookup>(read);
  const auto found = co_await desk_.find(std::move(wanted.number), std::move(wanted.phone));
  if (!found) co_return to_response(store_problem(found.error()), request);
  if (!*found)
    co_return to_response(
        {404, "booking_not_found", "no booking has this number and this phone", {}, {}}, request);
  co_return json_response(200, guest_booking_json(**found));
}

}  // namespace booking::api
