#include "lb/server/control.hpp"
#include "lb/server/server_impl.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

namespace lb::server {
namespace {

/// Checks and readiness have to wait for as long: a worker that takes longer is left out.
constexpr auto kPatience = std::chrono::milliseconds{100};

/// What workers have told so far.
struct Gathered {
  std::mutex mutex;
  std::condition_variable told;
  std::vector<proxy::SessionsView> views;
};

std::vector<proxy::SessionsView> ask(const std::vector<std::unique_ptr<Worker>>& workers,
                                     std::size_t most) {
  const auto gathered = std::make_shared<Gathered>();  // a late worker tells it to nobody
  for (const auto& worker : workers)
    worker->look(most, [gathered](proxy::SessionsView view) {
      const std::lock_guard lock{gathered->mutex};
      gathered->views.push_back(std::move(view));
      gathered->told.notify_one();
    });
  std::unique_lock lock{gathered->mutex};
  gathered->told.wait_for(lock, kPatience,
                          [&] { return gathered->views.size() == workers.size(); });
  return std::move(gathered->views);
}

admin::SessionStatus status_of(proxy::SessionView&& view) {
  admin::SessionStatus out;
  out.client = view.client.to_string();
  out.listener = std::move(view.listener);
  out.worker = static_cast<std::uint32_t>(view.worker);
  out.state = view.state;
  out.lasts = std::chrono::duration_cast<admin::milliseconds>(view.lasts);
  out.requests = view.requests;
  out.method = std::move(view.method);
  out.host = std::move(view.host);
  out.path = std::move(view.path);
  out.route = std::move(view.route);
  out.upstream = std::move(view.upstream);
  out.endpoint = std::move(view.endpoint);
  out.attempts = view.attempts;
  out.bytes_sent = view.sent_octets;
  return out;
}

}  // namespace

admin::Sessions ServerControl::sessions(std::size_t most) const {
  admin::Sessions out;
  auto views = ask(impl_.workers, most);
  out.complete = views.size() == impl_.workers.size();
  std::map<std::string_view, std::uint64_t> by_state;
  for (auto& view : views) {
    for (const auto& count : view.counts) {
      by_state[count.state] += count.sessions;
      out.total += count.sessions;
    }
    for (auto& session : view.longest) out.longest.push_back(status_of(std::move(session)));
  }
  out.by_state.assign(by_state.begin(), by_state.end());
  std::stable_sort(out.longest.begin(), out.longest.end(), [](const auto& a, const auto& b) {
    return std::pair{a.route.empty(), b.lasts} < std::pair{b.route.empty(), a.lasts};
  });
  out.longest.resize(std::min(out.longest.size(), most));
  return out;
}

}  // namespace lb::server
