#include "app/api/record_endpoints.hpp"

#include "app/api/office_json.hpp"
#include "app/api/query.hpp"

namespace booking::api {
namespace {

namespace asio = boost::asio;

/// A look at the whole chain ends somewhere: 500 entries a page, a million in all.
constexpr int kMostPages = 2000;

}  // namespace

void RecordEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/api/v1/admin/report", [this](const Request& r) { return report(r); });
  routes.add("POST", "/api/v1/admin/export", [this](const Request& r) { return export_month(r); });
  routes.add("GET", "/api/v1/admin/audit", [this](const Request& r) { return audit(r); });
  routes.add("POST", "/api/v1/admin/audit/verify", [this](const Request& r) { return verify(r); });
}

asio::awaitable<Response> RecordEndpoints::report(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  std::string month{request.query_value("month")};
  const auto period = month_period(month);
  if (!period) co_return to_response(query_problem("month is such as 2026-12"), request);
  const auto made = co_await store_.office().made_counts(*period);
  if (!made) co_return to_response(store_problem(made.error()), request);
  const auto visits = co_await store_.office().visits(*period);
  if (!visits) co_return to_response(store_problem(visits.error()), request);
  co_return json_response(200,
                          report_json(month_report(std::move(month), *period, *made, *visits)));
}

/// The reason is written down before anything leaves: no note, no file.
asio::awaitable<Response> RecordEndpoints::export_month(const Request& request) {
  const auto admitted = co_await gate_.admit(request, kOwnersChange);
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto read = read_export(request.body);
  if (const auto* problem = std::get_if<Problem>(&read)) co_return to_response(*problem, request);
  const auto& words = std::get<ExportWords>(read);
  const auto bookings = co_await store_.office().made(*month_period(words.month));
  if (!bookings) co_return to_response(store_problem(bookings.error()), request);
  auto detail = std::to_string(bookings->size()) + " bookings: " + words.reason;
  const auto noted =
      co_await store_.office().note(std::get<Visitor>(admitted).actor, "bookings.export",
                                    words.month, std::move(detail), common::wall_now());
  if (!noted) co_return to_response(store_problem(noted.error()), request);
  co_return json_response(200,
                          file_json("bookings-" + words.month + ".csv", bookings_csv(*bookings)));
}

asio::awaitable<Response> RecordEndpoints::audit(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.owner = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  store::AuditQuery query;
  if (const auto before = request.query_value("before"); !before.empty()) {
    query.before = number_of(before);
    if (!query.before) co_return to_response(query_problem("before is a sequence"), request);
  }
  if (const auto limit = request.query_value("limit"); !limit.empty()) {
    const auto number = number_of(limit);
    if (!number || *number < 1) co_return to_response(query_problem("limit is 1 to 500"), request);
    query.limit = static_cast<std::size_t>(*number);
  }
  const auto page = co_await store_.office().audit(query);
  if (!page) co_return to_response(store_problem(page.error()), request);
  co_return json_response(200, audit_json(*page));
}

/// The head is read first: what is written meanwhile lies beyond it.
asio::awaitable<Response> RecordEndpoints::verify(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {.csrf = true, .owner = true});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  const auto head = co_await store_.office().audit_head();
  if (!head) co_return to_response(store_problem(head.error()), request);
  records::ChainCheck check;
  for (int pages = 0; pages < kMostPages && check.entries() < head->sequence; ++pages) {
    const store::AuditQuery query{
        .before = std::nullopt, .after = check.entries(), .limit = store::kMostAuditEntries};
    const auto page = co_await store_.office().audit(query);
    if (!page) co_return to_response(store_problem(page.error()), request);
    if (page->empty()) break;
    for (const auto& [entry, hash] : *page) {
      if (entry.sequence > head->sequence) break;
      if (!check.add(entry, hash))
        co_return json_response(200, verdict_json(check.entries(), check.entries() + 1));
    }
  }
  const bool whole = check.ends_at(head->sequence, head->hash);
  co_return json_response(
      200,
      verdict_json(check.entries(), whole ? std::nullopt : std::optional{check.entries() + 1}));
}

}  // namespace booking::api
