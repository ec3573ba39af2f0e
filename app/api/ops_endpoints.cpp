#include "app/api/ops_endpoints.hpp"

#include "app/api/query.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kLook{200};
constexpr std::chrono::seconds kRetry{2};

/// HTML Living Standard §9.2. A stream of one event that ends: the browser comes back by itself
/// with the id it has seen, to this node or, when it died, to the other one.
Response event_stream(const ops::Watcher::Snapshot& snapshot, bool fresh) {
  Response response{200, {}, "retry: 500\n"};
  if (fresh)
    response.body +=
        "event: ops\nid: " + std::to_string(snapshot.version) + "\ndata: " + snapshot.json + "\n\n";
  else
    response.body += ": nothing new\n\n";
  response.set("Content-Type", "text/event-stream");
  return response;
}

/// Counts a reader as long as it waits.
class Reader {
 public:
  explicit Reader(std::size_t& count) : count_{count} { ++count_; }
  ~Reader() { --count_; }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

void OpsEndpoints::add_to(RouteTable& routes) {
  routes.add("GET", "/api/v1/admin/ops", [this](const Request& r) { return overview(r); });
  routes.add("GET", "/api/v1/admin/ops/events", [this](const Request& r) { return events(r); });
}

asio::awaitable<Response> OpsEndpoints::overview(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  auto snapshot = watcher_.snapshot();
  if (snapshot.version == 0)
    co_return to_response({503, "not_looked_yet", "the first look is under way", {}, kRetry},
                          request);
  co_return json_response(200, std::move(snapshot.json));
}

asio::awaitable<Response> OpsEndpoints::events(const Request& request) {
  const auto admitted = co_await gate_.admit(request, {});
  if (const auto* problem = std::get_if<Problem>(&admitted))
    co_return to_response(*problem, request);
  if (readers_ >= kMostReaders)
    co_return to_response({503, "overloaded", "too many readers", {}, kRetry}, request);
  const Reader reader{readers_};
  const auto seen = number_of(request.field("Last-Event-ID")).value_or(0);
  asio::steady_timer pause{co_await asio::this_coro::executor};
  const auto deadline = common::Clock::now() + kLongestWait;
  auto snapshot = watcher_.snapshot();
  // Another node counts from another start: any other number than the one seen is news.
  while (static_cast<std::int64_t>(snapshot.version) == seen && common::Clock::now() < deadline) {
    pause.expires_after(kLook);
    co_await pause.async_wait(asio::use_awaitable);
    snapshot = watcher_.snapshot();
  }
  const bool fresh = snapshot.version > 0 && static_cast<std::int64_t>(snapshot.version) != seen;
  co_return event_stream(snapshot, fresh);
}

}  // namespace booking::api
