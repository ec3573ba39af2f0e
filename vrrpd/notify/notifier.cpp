#include "vrrpd/notify/notifier.hpp"

#include "common/log.hpp"

#include <algorithm>
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

}  // namespace

void Notifier::on_transition(const Transition& transition) {
  if (programs_ == nullptr) return;
  for (const auto& each : options_) {
    if (!each.on.empty() && std::ranges::find(each.on, transition.to) == each.on.end()) continue;
    if (queue_.size() == kMostWaiting) {
      queue_.pop_front();
      ++counters_.left_out;
    }
    queue_.push_back({each.run, environment_of(transition), each.timeout});
  }
  run_next();
}

void Notifier::run_next() {
  if (running_ || queue_.empty()) return;
  running_ = true;
  auto program = std::move(queue_.front());
  queue_.pop_front();
  programs_->run(program, [this, name = program.run.front()](const programs::Ended& ended) {
    on_ended(name, ended);
  });
}

void Notifier::on_ended(const std::string& program, const programs::Ended& ended) {
  running_ = false;
  ++counters_.run;
  if (ended.how != programs::How::Exited || ended.status != 0) {
    ++counters_.failed;
    constexpr const char* kHow[] = {"exit status", "signal", "out of time", "not started"};
    kLog.warn("a notification failed", {{"program", program},
                                        {"how", kHow[static_cast<std::size_t>(ended.how)]},
                                        {"status", ended.status},
                                        {"output", ended.output}});
  }
  run_next();
}

}  // namespace vrrp::notify
