#include "vrrpd/daemon/daemon.hpp"

#include "common/admin_server.hpp"
#include "common/metrics.hpp"
#include "vrrpd/control/door.hpp"
#include "vrrpd/daemon/commands.hpp"
#include "vrrpd/daemon/router_metrics.hpp"
#include "vrrpd/daemon/router_task.hpp"
#include "vrrpd/daemon/segment.hpp"
#include "vrrpd/link/link_monitor.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace vrrp::daemon {

namespace asio = boost::asio;

namespace {

constexpr common::Log kLog{"vrrp.daemon"};

template <class T>
T value_or_throw(common::Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error{what + ": " + result.error().message()};
  return std::move(*result);
}

}  // namespace

struct Daemon::Impl {
  Impl(asio::io_context& io, const Options& all)
      : options{all},
        memory{options.memory},
        netlink{value_or_throw(link::Netlink::open(), "no netlink socket")},
        monitor{value_or_throw(link::LinkMonitor::open(), "no netlink socket for changes")},
        changes{io, [this] { on_change(); }},
        admin{io} {
    for (const auto& router : options.routers) {
      auto& segment = segment_of(io, router.interface);
      routers.push_back(std::make_unique<RouterTask>(io, segment, netlink, memory, router));
      segment.join(*routers.back());
    }
  }

  Segment& segment_of(asio::io_context& io, const std::string& interface) {
    const auto known = std::ranges::find_if(
        segments, [&](const auto& segment) { return segment->name() == interface; });
    if (known != segments.end()) return **known;
    segments.push_back(std::make_unique<Segment>(io, netlink, interface));
    return *segments.back();
  }

  void start() {
    changes.watch(monitor.descriptor());
    for (auto& segment : segments) {
      if (const auto seen = segment->look(); !seen)
        throw std::runtime_error{"interface " + segment->name() + ": " + seen.error().message()};
      if (!segment->usable())
        kLog.warn("interface cannot be used yet", {{"interface", segment->name()}});
    }
    commands.recall();
    for (auto& router : routers) router->start();
    open_admin();
  }

  void open_admin() {
    metrics.add(router_metrics);
    admin.route("/metrics", [this] {
      return common::AdminAnswer{.content_type = common::Metrics::kContentType,
                                 .body = metrics.text()};
    });
    admin.route("/status", [this] {
      return common::AdminAnswer{.content_type = "application/json",
                                 .body = boost::json::serialize(commands.status())};
    });
    admin.route("/healthz", [] { return common::AdminAnswer{.body = "ok\n"}; });
    control::open_door(admin, commands);
    admin.guard({.token = options.admin.token, .hosts = {}, .trusts_own_user = true});
    for (const auto& address : options.admin.listen)
      value_or_throw(admin.listen(address), "admin listener " + address.to_string());
  }

  void on_change() {
    monitor.drain();
    for (auto& segment : segments)
      if (const auto seen = segment->look(); !seen)
        kLog.error("interface cannot be read",
                   {{"interface", segment->name()}, {"reason", seen.error().message()}});
  }

  void stop(std::function<void()> on_stopped) {
    on_all_gone = std::move(on_stopped);
    left = routers.size();
    for (auto& router : routers) router->stop([this] { on_gone(); });
  }

  void on_gone() {
    if (--left > 0) return;
    changes.forget();
    for (auto& segment : segments) segment->close();
    admin.stop();
    on_all_gone();
  }

  void abort() {
    for (auto& router : routers) router->abort();
  }

  Options options;
  Memory memory;
  link::Netlink netlink;
  link::LinkMonitor monitor;
  std::vector<std::unique_ptr<Segment>> segments;
  std::vector<std::unique_ptr<RouterTask>> routers;
  Commands commands{routers, segments, memory};
  ReadWaiter changes;
  common::Metrics metrics;
  std::shared_ptr<RouterMetrics> router_metrics{std::make_shared<RouterMetrics>(routers, segments)};
  common::AdminServer admin;
  std::size_t left{0};  // routers that have not let go yet, while stopping
  std::function<void()> on_all_gone;
};

Daemon::Daemon(asio::io_context& context, const Options& options)
    : impl_{std::make_unique<Impl>(context, options)} {}
Daemon::~Daemon() = default;
void Daemon::start() { impl_->start(); }
void Daemon::stop(std::function<void()> on_stopped) { impl_->stop(std::move(on_stopped)); }
void Daemon::abort() { impl_->abort(); }

}  // namespace vrrp::daemon
