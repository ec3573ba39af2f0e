#include "vrrpd/tracking/interface_check.hpp"

#include "vrrpd/link/interface.hpp"

#include <utility>

namespace vrrp::tracking {

InterfaceCheck::InterfaceCheck(boost::asio::io_context& context, const TrackOptions& options,
                               OnFinding on_finding)
    : name_{std::get<InterfaceTarget>(options.target).name},
      on_finding_{std::move(on_finding)},
      changes_{context},
      first_{context} {}

InterfaceCheck::~InterfaceCheck() {
  if (changes_.is_open()) changes_.release();
}

void InterfaceCheck::start() {
  if (open()) wait();
  first_.expires_after(std::chrono::seconds{0});
  first_.async_wait([this](boost::system::error_code error) {
    if (!error) look();
  });
}

bool InterfaceCheck::open() {
  auto netlink = link::Netlink::open();
  auto monitor = link::LinkMonitor::open();
  if (!netlink || !monitor) return false;
  netlink_.emplace(std::move(*netlink));
  monitor_.emplace(std::move(*monitor));
  changes_.assign(monitor_->descriptor());
  return true;
}

void InterfaceCheck::wait() {
  changes_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (error) return;
                        monitor_->drain();
                        wait();
                        look();  // last: it may be the end of us
                      });
}

void InterfaceCheck::look() {
  const bool good = netlink_ && [&] {
    const auto seen = link::read_interface(*netlink_, name_);
    return seen && seen->index != 0 && seen->running;
  }();
  OnFinding{on_finding_}({.good = good, .at_once = true});
}

}  // namespace vrrp::tracking
