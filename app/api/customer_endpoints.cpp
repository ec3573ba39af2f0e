#include "app/api/customer_endpoints.hpp"

#include "app/api/office_json.hpp"
#include "app/api/once.hpp"
#include "app/api/preconditions.hpp"
#include "app/store/shown_version.hpp"

#include <algorithm>

namespace booking::api {
namespace {

namespace asio = boost::asio;

Problem customer_not_found() {
  return {404, "customer_not_found", "there is no such customer", {}, {}};
}

/// What was typed: a whole number, its last four digits, or nothing at all.
std::optional<store::CustomerQuery> query_of(const std::string& typed) {
  store::CustomerQuery query;
  if (typed.empty()) return query;
  const bool digits = std::ranges::all_of(typed, [](char c) { return c >= '0' && c <= '9'; });
  if (typed.size() == 4 && digits)
    query.last_four = typed;
  else
    query.phone = core::Phone::parse(typed);
  if (!query.phone && query.last_four.empty()) return std::nullopt;
  return query;
}

Problem merge_problem(store::MergeOutcome outcome) {
  if (outcome == store::MergeOutcome::NotFound) return customer_not_found();
  if (outcome == store::MergeOutcome::Same)
    return {409, "same_customer", "a customer cannot be merged into itself", {}, {}};
  return {409, "merged_already", "one of them is part of another one: undo that first", {}, {}};
}

}  // namespace

void CustomerEndpoints::add_to(RouteTable& routes) {
  routes.add("POST", "/api/v1/admin/customers/search",
             [this](const Request& r) { return search(r); });
  routes.add("GET", "/api/v1/admin/customers/{id}", [this](const Request& r) { return show(r); });
  routes.add("PATCH", "/api/v1/admin/customers/{id}",
             [this](const Request& r) { return change(r); });
  routes.add("POST", "/api/v1/admin/customers/{id}/merge",
             [this](const Request& r) { return merge(r); });
  routes.add("POST", "/api/v1/admin/customers/{id}/erase",
             [this](const Request& r) { return erase(r); });
  routes.add("POST", "/api/v1/admin/customers/{id}/unmerge",
             [this](const Request& r) { return unmerge(r); });
}

asio::awaitable<Response> CustomerEndpoints::search(const Request& request) {
  const auto admitted = co_await gate_.admit(request, kChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto read = read_customer_search(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto query = query_of(std::get<std::string>(read));
  if (!query) co_return json_response(200, customers_json({}));
  const auto found = co_await store_.office().find_customers(*query);
  if (!found) co_return to_response(store_problem(found.error()), request);
  std::vector<std::string> names;
  for (const auto& customer : *found) names.push_back(to_text(customer.id));
  // By what it was searched, never for what: that is somebody's number.
  std::string subject{query->phone ? "phone" : query->last_four.empty() ? "latest" : "last_four"};
  co_await looks_.at_list(std::get<Visitor>(admitted).actor, "customers.list", std::move(subject),
                          std::move(names));
  co_return json_response(200, customers_json(*found));
}

asio::awaitable<Response> CustomerEndpoints::show(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto id = parse_id(request.parameter);
  if (!id) co_return to_response(customer_not_found(), request);
  const auto file = co_await store_.office().customer(*id);
  if (!file) co_return to_response(store_problem(file.error()), request);
  if (!*file) co_return to_response(customer_not_found(), request);
  co_await looks_.at(std::get<Visitor>(admitted).actor, "customer.view", request.parameter);
  auto response = json_response(200, customer_file_json(**file));
  response.set("ETag", etag_of(store::version_of((*file)->customer)));
  co_return response;
}

asio::awaitable<Response> CustomerEndpoints::change(const Request& request) {
  const auto admitted = co_await gate_.admit(request, kChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto version = if_match_of(request);
  if (const auto* problem = std::get_if<Problem>(&version))
    co_return to_response(*problem, request);
  auto read = read_customer_change(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& words = std::get<CustomerWords>(read);
  const auto id = parse_id(request.parameter);
  if (!id) co_return to_response(customer_not_found(), request);
  store::CustomerChange change{*id,
                               std::move(words.note),
                               words.blocked,
                               std::get<std::optional<std::int64_t>>(version),
                               std::get<Visitor>(admitted).actor,
                               common::wall_now()};
  const auto changed = co_await store_.office().change_customer(std::move(change));
  if (!changed) co_return to_response(store_problem(changed.error()), request);
  if (const auto* refusal = std::get_if<store::CustomerRefusal>(&*changed))
    co_return to_response(*refusal == store::CustomerRefusal::Stale
                              ? stale_problem("the customer changed since it was read")
                              : customer_not_found(),
                          request);
  Response response{204, {}, {}};
  response.set("ETag", etag_of(std::get<std::int64_t>(*changed)));
  co_return response;
}

asio::awaitable<Response> CustomerEndpoints::merge(const Request& request) {
  return join(request, "from", false);
}

asio::awaitable<Response> CustomerEndpoints::unmerge(const Request& request) {
  return join(request, "merge", true);
}

asio::awaitable<Response> CustomerEndpoints::erase(const Request& request) {
  auto taken = co_await take_turn(request, gate_, store_, kOwnersChange);
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  auto read = read_erasure(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  auto& words = std::get<ErasureWords>(read);
  const auto id = parse_id(request.parameter);
  if (!id) co_return to_response(customer_not_found(), request);
  store::CustomerErasure erasure{*id, std::move(words.reason), std::move(words.cancel),
                                 visitor.actor, common::wall_now()};
  const auto outcome = co_await store_.office().erase_customer(std::move(erasure), once);
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (auto told = told_before(*outcome, request)) co_return std::move(*told);
  switch (std::get<store::ErasureOutcome>(*outcome)) {
    case store::ErasureOutcome::NotFound:
      co_return to_response(customer_not_found(), request);
    case store::ErasureOutcome::Open:
      co_return to_response(
          {409,
           "open_bookings",
           "there are bookings still to be done: name them in `cancel`, or end them first",
           {},
           {}},
          request);
    case store::ErasureOutcome::Done:
      break;
  }
  co_return answer_of(once);
}

asio::awaitable<Response> CustomerEndpoints::join(const Request& request, std::string_view key,
                                                  bool apart) {
  auto taken = co_await take_turn(request, gate_, store_, kOwnersChange);
  if (auto* told = std::get_if<Response>(&taken)) co_return std::move(*told);
  auto& [visitor, once] = std::get<Turn>(taken);
  const auto other = read_id(request.body, key);
  if (const auto* problem = std::get_if<Problem>(&other)) co_return to_response(*problem, request);
  const auto id = parse_id(request.parameter);
  if (!id) co_return to_response(customer_not_found(), request);
  store::CustomerMerge command{*id, std::get<core::BookingId>(other), visitor.actor,
                               common::wall_now()};
  auto& office = store_.office();
  // Not awaited inside the choice: GCC 12 destroys what comes of that twice.
  auto joining =
      apart ? office.unmerge_customers(command, once) : office.merge_customers(command, once);
  const auto outcome = co_await std::move(joining);
  if (!outcome) co_return to_response(store_problem(outcome.error()), request);
  if (auto told = told_before(*outcome, request)) co_return std::move(*told);
  if (const auto made = std::get<store::MergeOutcome>(*outcome); made != store::MergeOutcome::Done)
    co_return to_response(merge_problem(made), request);
  co_return answer_of(once);
}

}  // namespace booking::api
