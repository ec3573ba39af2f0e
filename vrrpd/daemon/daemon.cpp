#include "vrrpd/daemon/daemon.hpp"

#include "common/admin_server.hpp"
#include "common/log.hpp"
#include "common/metrics.hpp"
#include "vrrpd/control/door.hpp"
#include "vrrpd/daemon/commands.hpp"
#include "vrrpd/daemon/read_waiter.hpp"
#include "vrrpd/daemon/record_json.hpp"
#include "vrrpd/daemon/router_metrics.hpp"
#include "vrrpd/daemon/router_set.hpp"
#include "vrrpd/link/link_monitor.hpp"
#include "vrrpd/link/rules_monitor.hpp"

#include <boost/json/serialize.hpp>

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
  Impl(asio::io_context& io, const Options& all, programs::Runner* runner)
      : options{all},
        programs{runner},
        memory{options.memory},
        netlink{value_or_throw(link::Netlink::open(), "no netlink socket")},
        monitor{value_or_throw(link::LinkMonitor::open(), "no netlink socket for changes")},
        rules{link::RulesMonitor::open()},
        journal{runner},
        routers{io, netlink, store, memory, journal, runner, options.handover},
        changes{io,
                [this] {
                  monitor.drain();
                  routers.look();
                }},
        rule_changes{io,
                     [this] {
                       if (const auto gone = rules->drain(); !gone.none())
                         routers.restore_rules(gone);
                     }},
        admin{io} {}

  void start() {
    journal.notifier.set(options.notify);
    changes.watch(monitor.descriptor());
    if (rules)
      rule_changes.watch(rules->descriptor());
    else
      kLog.warn("rules of nftables that somebody removes are not put back",
                {{"reason", rules.error().message()}});
    commands.recall();
    if (options.startup_delay.count() > 0)
      kLog.info("not Active before startup_delay is over",
                {{"startup_delay_ms", options.startup_delay.count()}});
    routers.not_before(common::Clock::now() + options.startup_delay);
    if (const auto refused = routers.apply(options.routers)) throw std::runtime_error{*refused};
    store.drop_rest();
    for (const auto& segment : routers.segments())
      if (!segment->usable())
        kLog.warn("interface cannot be used yet", {{"interface", segment->name()}});
    metrics.add(router_metrics);
    open_admin();
  }

  void open_admin() {
    admin.route("/metrics", [this] {
      return common::AdminAnswer{.content_type = common::Metrics::kContentType,
                                 .body = metrics.text()};
    });
    admin.route("/status", [this] {
      return common::AdminAnswer{.content_type = "application/json",
                                 .body = boost::json::serialize(commands.status())};
    });
    admin.route("/healthz", [] { return common::AdminAnswer{.body = "ok\n"}; });
    admin.route("GET", "/api/v1/record", [this](const common::AdminRequest&) {
      for (const auto& segment : routers.segments()) segment->drain();
      return common::AdminAnswer{.content_type = "application/json",
                                 .body = record_json(journal.recorder)};
    });
    control::open_door(admin, commands);
    guard_admin();
    for (const auto& address : options.admin.listen)
      value_or_throw(admin.listen(address), "admin listener " + address.to_string());
  }

  void guard_admin() {
    admin.guard({.token = options.admin.token, .hosts = {}, .trusts_own_user = true});
  }

  std::vector<std::string> reload(const Options& wanted) {
    if (stopping) return {"vrrpd is stopping"};
    if (wanted.runs_programs() && programs == nullptr)
      return {"programs can be run only after a restart: vrrpd was started without"};
    if (const auto refused = routers.apply(wanted.routers)) return {*refused};
    for (const auto& [other, what] :
         {std::pair{wanted.log.format != options.log.format, "log.format"},
          {wanted.admin.listen != options.admin.listen, "admin.listen"},
          {wanted.memory != options.memory, "directories"},
          {wanted.scheduling != options.scheduling, "scheduling"},
          {wanted.sandbox != options.sandbox, "sandbox"},
          {wanted.handover != options.handover, "handover"},
          {wanted.startup_delay != options.startup_delay, "startup_delay"},
          {wanted.programs_user != options.programs_user, "programs.user"}})
      if (other) kLog.warn("a setting waits for a restart", {{"setting", what}});
    common::set_log_level(wanted.log.level);
    const auto handover = options.handover;  // what peers and routers were given
    options = wanted;
    journal.notifier.set(options.notify);
    options.handover = handover;
    guard_admin();
    return {};
  }

  void stop(std::function<void()> on_stopped) {
    stopping = true;
    routers.stop([this, on_stopped = std::move(on_stopped)] {
      changes.forget();
      rule_changes.forget();
      admin.stop();
      on_stopped();
    });
  }

  Options options;
  programs::Runner* programs;
  Memory memory;
  link::Netlink netlink;
  link::LinkMonitor monitor;
  common::Result<link::RulesMonitor> rules;
  DescriptorStore store;
  Journal journal;
  RouterSet routers;
  Commands commands{routers, memory};
  ReadWaiter changes;
  ReadWaiter rule_changes;
  common::Metrics metrics;
  std::shared_ptr<RouterMetrics> router_metrics{
      std::make_shared<RouterMetrics>(routers.routers(), routers.segments(), journal.notifier)};
  common::AdminServer admin;
  bool stopping{false};
};

Daemon::Daemon(asio::io_context& context, const Options& options, programs::Runner* programs)
    : impl_{std::make_unique<Impl>(context, options, programs)} {}
Daemon::~Daemon() = default;
void Daemon::start() { impl_->start(); }
std::vector<std::string> Daemon::reload(const Options& options) { return impl_->reload(options); }
void Daemon::stop(std::function<void()> on_stopped) { impl_->stop(std::move(on_stopped)); }
void Daemon::abort() { impl_->routers.abort(); }
common::Result<void, std::string> Daemon::make_way() { return impl_->routers.make_way(); }

}  // namespace vrrp::daemon
