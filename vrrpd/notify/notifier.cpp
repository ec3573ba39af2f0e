#include "vrrpd/notify/notifier.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

namespace vrrp::notify {
namespace {

constexpr common::Log kLog{"vrrp.notify"};

std::vector<std::string> environment_of(const Transition& transition) {
  return {"MAINSTAY_INTERFACE=" + transition.interface,
          "MAINSTAY_VRID=" + std::to_string(transition.vrid),
          "MAINSTAY_FROM=" + transition.from,
          "MAINSTAY_STATE=" + transition.to,
          "MAINSTAY_REASON=" + transition.reason,
          "MAINSTAY_PRIORITY=" + std::to_string(transition.priority),
          "MAINSTAY_PEER=" + transition.peer,
          "MAINSTAY_ADDRESSES=" + transition.addresses};
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// Of a URL: its path may hold a secret.
std::string authority_of(const std::string& url) {
  const auto begin = url.find("://");
  const auto from = begin == url.npos ? 0 : begin + 3;
  const auto whole = url.substr(from, url.find_first_of("/?#", from) - from);
  return whole.substr(whole.rfind('@') + 1);
}

}  // namespace

Notifier::Notifier(programs::Runner* programs) : programs_{programs}, node_{host_name()} {}

Notifier::Due Notifier::due_of(const NotifyOptions& options, const Transition& transition) const {
  if (!options.webhook)
    return {options.run.front(), {options.run, environment_of(transition), options.timeout}};
  const auto now = common::wall_now();
  return {"webhook " + authority_of(options.webhook->url),
          webhook_program(*options.webhook, webhook_content(transition, node_, now),
                          options.timeout, now)};
}

void Notifier::on_transition(const Transition& transition) {
  if (programs_ == nullptr) return;
  for (const auto& each : options_) {
    if (!each.on.empty() && std::ranges::find(each.on, transition.to) == each.on.end()) continue;
    auto& lane = each.webhook ? webhooks_ : programs_lane_;
    if (lane.queue.size() == kMostWaiting) {
      lane.queue.pop_front();
      ++counters_.left_out;
    }
    lane.queue.push_back(due_of(each, transition));
  }
  run_next(programs_lane_);
  run_next(webhooks_);
}

void Notifier::run_next(Lane& lane) {
  if (lane.running || lane.queue.empty()) return;
  lane.running = true;
  auto due = std::move(lane.queue.front());
  lane.queue.pop_front();
  programs_->run(due.program, [this, &lane, name = std::move(due.name)](
                                  const programs::Ended& ended) { on_ended(lane, name, ended); });
}

void Notifier::on_ended(Lane& lane, const std::string& name, const programs::Ended& ended) {
  lane.running = false;
  ++counters_.run;
  if (ended.how != programs::How::Exited || ended.status != 0) {
    ++counters_.failed;
    constexpr const char* kHow[] = {"exit status", "signal", "out of time", "not started"};
    kLog.warn("a notification failed", {{"to", name},
                                        {"how", kHow[static_cast<std::size_t>(ended.how)]},
                                        {"status", ended.status},
                                        {"output", ended.output}});
  }
  run_next(lane);
}

}  // namespace vrrp::notify
