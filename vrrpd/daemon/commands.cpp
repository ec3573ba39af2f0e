#include "vrrpd/daemon/commands.hpp"

#include "common/build_info.hpp"
#include "common/log.hpp"
#include "vrrpd/daemon/status.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <unistd.h>

namespace vrrp::daemon {

using control::Outcome;
using control::Refusal;

namespace {

constexpr common::Log kLog{"vrrp.commands"};

std::string name_of(const RouterTask& router) {
  std::string names;
  for (const auto& member : router.members())
    names += (names.empty() ? "" : " with ") + member->options().interface + '/' +
             std::to_string(member->options().vrid.value);
  return names;
}

bool is_named(const Member& member, const control::RouterName& name) {
  return member.options().vrid.value == name.vrid &&
         (name.interface.empty() || name.interface == member.options().interface);
}

/// Of a group any member stands for all.
bool is_named(const RouterTask& router, const control::RouterName& name) {
  return std::ranges::any_of(router.members(),
                             [&](const auto& member) { return is_named(*member, name); });
}

Outcome refused(Refusal::Kind kind, std::string detail) {
  return {boost::system::in_place_error, Refusal{kind, std::move(detail)}};
}

}  // namespace

void Commands::recall() {
  maintenance_ = memory_.maintenance();
  if (!maintenance_) return;
  kLog.warn("in maintenance since an earlier run: no addresses are taken",
            {{"end_it", "vrrpctl maintenance off"}});
  routers_.set_maintenance(true);
}

boost::json::value Commands::status() const {
  for (const auto& segment : routers_.segments()) segment->drain();  // so that an age is true
  auto status = status_json(routers_.routers(), routers_.segments());
  status["process"] = {{"version", common::kVersion}, {"pid", ::getpid()}};
  status["maintenance"] = {{"on", maintenance_}, {"survives_restart", maintenance_lasts_}};
  return status;
}

Outcome Commands::hand_over(const std::optional<control::RouterName>& name) {
  return move(name, "handover begun", &RouterTask::hand_over);
}

Outcome Commands::take_back(const control::RouterName& name) {
  return move(name, "asked for the addresses", &RouterTask::take_back);
}

Outcome Commands::move(const std::optional<control::RouterName>& name, std::string_view begun,
                       common::Result<void, std::string> (RouterTask::*step)()) {
  std::vector<RouterTask*> chosen;
  for (const auto& router : routers_.routers())
    if (!name || is_named(*router, *name)) chosen.push_back(router.get());
  if (chosen.empty()) return refused(Refusal::Kind::NotFound, "There is no such router here.");
  // One number may stand for a router of each family on one interface: both are meant.
  const bool several = std::ranges::any_of(chosen, [&](const RouterTask* router) {
    return router->options().interface != chosen.front()->options().interface;
  });
  if (name && several)
    return refused(Refusal::Kind::Conflict,
                   "Several interfaces have that VRID; name it INTERFACE/VRID.");
  std::string names;
  std::string why_not;
  for (auto* router : chosen) {
    if (const auto done = (router->*step)(); done)
      names += (names.empty() ? "" : ", ") + name_of(*router);
    else
      why_not += (why_not.empty() ? "" : " ") + name_of(*router) + ' ' + done.error() + '.';
  }
  if (names.empty()) return refused(Refusal::Kind::Conflict, why_not);
  return std::string{begun} + ": " + names;
}

Outcome Commands::set_maintenance(bool on) {
  const auto kept = memory_.set_maintenance(on);
  if (!kept)
    return refused(Refusal::Kind::Failed,
                   "It could not be kept for a restart: " + kept.error().message() + '.');
  maintenance_ = on;
  maintenance_lasts_ = *kept;
  routers_.set_maintenance(on);
  const std::string said = on ? "maintenance on" : "maintenance off";
  return !on || *kept ? said : said + ", until vrrpd ends: it has no directory to keep it in";
}

}  // namespace vrrp::daemon
