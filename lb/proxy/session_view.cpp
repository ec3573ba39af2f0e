#include "lb/proxy/session_view.hpp"

#include "lb/proxy/exchange.hpp"
#include "lb/proxy/look.hpp"

#include <algorithm>

namespace lb::proxy {
namespace {

constexpr std::size_t kLongest = 160;  // octets of a value a stranger chose

std::string cut(std::string_view text) { return std::string{text.substr(0, kLongest)}; }

void count(std::vector<SessionsView::Count>& counts, std::string_view state) {
  for (auto& each : counts)
    if (each.state == state) {
      ++each.sessions;
      return;
    }
  counts.push_back({state, 1});
}

}  // namespace

std::string_view state_of(Wait wait) {
  switch (wait) {
    case Wait::Nothing:
      return "working";
    case Wait::Idle:
    case Wait::Parked:
      return "idle";
    case Wait::Handshake:
      return "handshake";
    case Wait::Head:
      return "receiving_head";
    case Wait::Body:
    case Wait::BodyRate:
      return "receiving_content";
    case Wait::Connect:
      return "connecting";
    case Wait::Place:
      return "queued";
    case Wait::Try:
    case Wait::GoAhead:
    case Wait::FirstByte:
      return "awaiting_answer";
    case Wait::BetweenBytes:
      return "receiving_answer";
    case Wait::Send:
      return "sending_answer";
    case Wait::Tunnel:
      return "tunnel";
    case Wait::Total:
    case Wait::Linger:
      break;
  }
  return "closing";
}

std::string_view Exchange::state() const { return state_of(client_.watchdog.waiting()); }

SessionView Exchange::look(common::TimePoint now) const {
  const auto& series = site_->series->http(client_.listener, route_);
  const auto target = notes_ ? notes_->target() : std::string_view{};
  return {.worker = worker_.number,
          .client = origin_.address,
          .listener = series.listener(),
          .state = state(),
          .lasts = now - began_,
          .requests = client_.requests,
          .method = notes_ ? cut(notes_->method()) : std::string{},
          .host = notes_ ? cut(notes_->host()) : std::string{},
          .path = cut(target.substr(0, target.find('?'))),
          .route = series.route(),
          .upstream = upstream_ != nullptr ? upstream_->options().name : std::string{},
          .endpoint = endpoint_ != nullptr ? endpoint_->name : std::string{},
          .attempts = progress_.attempts,
          .sent_octets = sent_};
}

SessionsView look_at(WorkerContext& worker, std::size_t most, common::TimePoint now) {
  SessionsView view;
  std::vector<std::pair<common::TimePoint, RequestHook*>> running;
  worker.requests.for_each([&](RequestHook& request) {
    count(view.counts, request.state());
    running.emplace_back(request.began(), &request);
  });
  std::vector<DrainHook*> others;
  worker.sessions.for_each([&](DrainHook& session) {
    const auto state = session.own_state();
    if (state.empty()) return;
    count(view.counts, state);
    if (others.size() < most) others.push_back(&session);
  });
  const auto shown = std::min(most, running.size());
  std::partial_sort(running.begin(), running.begin() + static_cast<std::ptrdiff_t>(shown),
                    running.end());
  for (std::size_t i = 0; i < shown; ++i) view.longest.push_back(running[i].second->look(now));
  others.resize(std::min(others.size(), most - shown));
  for (const auto* session : others) view.longest.push_back(session->look(now));
  return view;
}

}  // namespace lb::proxy
