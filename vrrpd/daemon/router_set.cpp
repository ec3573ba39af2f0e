#include "vrrpd/daemon/router_set.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.routers"};

/// What is wanted of this router; null when it is not wanted any more.
const RouterGroup* same_in(const std::vector<RouterGroup>& wanted, const RouterTask& router) {
  const auto same = std::ranges::find_if(
      wanted, [&](const RouterGroup& group) { return is_same_group(group, router.group()); });
  return same == wanted.end() ? nullptr : &*same;
}

}  // namespace

RouterSet::RouterSet(boost::asio::io_context& context, link::Netlink& netlink,
                     DescriptorStore& store, Memory& memory, Journal& journal,
                     programs::Runner* programs, const handover::HandoverOptions& handover)
    : context_{context},
      netlink_{netlink},
      store_{store},
      memory_{memory},
      journal_{journal},
      programs_{programs},
      handover_{handover},
      lbd_{context, handover} {}

Segment& RouterSet::segment_of(const std::string& interface) {
  const auto known = std::ranges::find_if(
      segments_, [&](const auto& segment) { return segment->name() == interface; });
  if (known != segments_.end()) return **known;
  segments_.push_back(std::make_unique<Segment>(context_, netlink_, store_, journal_, interface));
  return *segments_.back();
}

PeerLink& RouterSet::peers_on(Segment& segment, Family family) {
  const auto known = std::ranges::find_if(peer_links_, [&](const auto& link) {
    return &link->segment() == &segment && link->family() == family;
  });
  if (known != peer_links_.end()) return **known;
  peer_links_.push_back(std::make_unique<PeerLink>(context_, segment, family, handover_));
  return *peer_links_.back();
}

std::unique_ptr<RouterTask> RouterSet::make(const RouterGroup& group) {
  const auto in = [this](const std::string& interface) -> Segment& {
    return segment_of(interface);
  };
  auto router = std::make_unique<RouterTask>(context_, in, netlink_, memory_, programs_, group);
  const auto& leader = *router->members().front();
  if (handover_.key)
    router->talk_to_peers(context_, peers_on(leader.segment(), leader.options().family()), lbd_,
                          handover_.drain);
  router->set_maintenance(maintenance_);
  return router;
}

std::optional<std::string> RouterSet::apply(const std::vector<RouterOptions>& all) {
  const auto wanted = groups_of(all);
  Routers added;
  std::vector<RouterGroup> waiting;
  std::optional<std::string> refused;
  for (const auto& group : wanted) {
    const bool known = std::ranges::any_of(routers_, [&](const auto& router) {
      return !router->leaving() && is_same_group(router->group(), group);
    });
    if (known) continue;
    if (must_wait(group, wanted))
      waiting.push_back(group);
    else
      added.push_back(make(group));
  }
  for (auto& segment : segments_)
    if (const auto seen = segment->look(); !seen)
      refused = "interface " + segment->name() + ": " + seen.error().message();
  for (auto& link : peer_links_) link->look();
  for (auto& router : added)
    if (!refused) router->recall();
  for (auto& router : added)
    if (!refused) router->prepare();
  const auto changed = refused ? Changes{} : changes(wanted);
  for (const auto& [router, options] : changed) router->try_leases(*options);
  flush_leases();
  const auto had = [&refused](bool lease, const RouterTask& router) {
    if (!refused && !lease)
      refused = "the lease is required and cannot be had on " + router.options().interface;
  };
  for (const auto& router : added) had(router->prepared(), *router);
  for (const auto& [router, options] : changed) had(router->tried(*options), *router);
  if (refused) {
    for (auto& router : added) router->discard();
    for (const auto& [router, options] : changed) router->take_back_leases();
    added.clear();
    flush_leases();
    drop_empty_segments();
    return refused;
  }

  // Make before break: what is new starts before what goes has gone.
  const auto before = routers_.size();
  for (auto& router : added) routers_.push_back(std::move(router));
  for (auto at = before; at < routers_.size(); ++at) routers_[at]->start(not_before_);
  for (auto& segment : segments_) segment->begin();
  for (std::size_t at = 0; at < before; ++at) {
    auto& router = *routers_[at];
    if (router.leaving()) continue;
    if (const auto* same = same_in(wanted, router); same == nullptr)
      leave(router);
    else if (*same != router.group())
      router.change(*same);
  }
  waiting_ = std::move(waiting);
  look();  // which address is a primary one may have changed
  return std::nullopt;
}

/// Those that stay and become other ones.
RouterSet::Changes RouterSet::changes(const std::vector<RouterGroup>& wanted) const {
  Changes found;
  for (const auto& router : routers_) {
    const auto* same = router->leaving() ? nullptr : same_in(wanted, *router);
    if (same != nullptr && *same != router->group()) found.emplace_back(router.get(), same);
  }
  return found;
}

/// The number or an address of one of them is still a leaving router's.
bool RouterSet::must_wait(const RouterGroup& group, const std::vector<RouterGroup>& wanted) const {
  const auto stays = [&](const RouterTask& router) {
    return !router.leaving() && std::ranges::any_of(wanted, [&](const RouterGroup& one) {
      return is_same_group(one, router.group());
    });
  };
  const auto clash = [](const Member& member, const RouterOptions& options) {
    if (member.options().interface != options.interface) return false;
    return member.options().vrid == options.vrid ||
           std::ranges::any_of(options.addresses,
                               [&](const auto& address) { return member.has_address(address.ip); });
  };
  return std::ranges::any_of(routers_, [&](const auto& router) {
    return !stays(*router) && std::ranges::any_of(router->members(), [&](const auto& member) {
      return std::ranges::any_of(
          group, [&](const RouterOptions& options) { return clash(*member, options); });
    });
  });
}

void RouterSet::leave(RouterTask& router) {
  kLog.info("router leaves",
            {{"vrid", router.options().vrid.value}, {"interface", router.options().interface}});
  // Later, as we may be called from inside of it.
  router.stop(
      [this, one = &router] { boost::asio::post(context_, [this, one] { on_gone(one); }); });
}

void RouterSet::on_gone(const RouterTask* router) {
  const auto found = std::ranges::find(routers_, router, &std::unique_ptr<RouterTask>::get);
  routers_.erase(found);
  if (on_all_gone_) {
    if (!routers_.empty()) return;
    for (auto& link : peer_links_) link->close();
    for (auto& segment : segments_) segment->close();
    return std::exchange(on_all_gone_, nullptr)();
  }
  flush_leases();  // its own is gone
  start_waiting();
  drop_empty_segments();
}

void RouterSet::flush_leases() {
  for (auto& segment : segments_) segment->flush_leases();
}

void RouterSet::start_waiting() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& group : waiting) {
    if (std::ranges::any_of(routers_, [](const auto& router) { return router->leaving(); })) {
      waiting_.push_back(group);
      continue;
    }
    auto router = make(group);
    for (const auto& member : router->members())
      if (const auto seen = member->segment().look(); !seen)
        kLog.error("interface cannot be read", {{"interface", member->options().interface},
                                                {"reason", seen.error().message()}});
    for (auto& link : peer_links_) link->look();
    router->recall();
    router->prepare();
    flush_leases();
    if (!router->prepared())
      kLog.error("the lease is required and cannot be had",
                 {{"interface", router->options().interface}});
    router->start(not_before_);
    routers_.push_back(std::move(router));
  }
}

void RouterSet::drop_empty_segments() {
  std::erase_if(peer_links_, [](const auto& link) { return link->segment().empty(); });
  for (auto& segment : segments_)
    if (segment->empty()) segment->close();
  std::erase_if(segments_, [](const auto& segment) { return segment->empty(); });
}

void RouterSet::look() {
  for (auto& segment : segments_)
    if (const auto seen = segment->look(); !seen)
      kLog.error("interface cannot be read",
                 {{"interface", segment->name()}, {"reason", seen.error().message()}});
  for (auto& link : peer_links_) link->look();
}

/// The leases of one interface are one table of all its routers.
void RouterSet::restore_rules(const link::GoneTables& gone) {
  for (auto& segment : segments_) segment->note(gone);
  for (auto& router : routers_) router->restore_rules(gone);
  flush_leases();
  for (auto& router : routers_) router->restore_move(gone);
}

void RouterSet::stop(std::function<void()> on_gone) {
  on_all_gone_ = std::move(on_gone);
  waiting_.clear();
  for (auto& router : routers_)
    if (!router->leaving()) leave(*router);
}

void RouterSet::set_maintenance(bool on) {
  maintenance_ = on;
  for (auto& router : routers_) router->set_maintenance(on);
}

common::Result<void, std::string> RouterSet::make_way() {
  for (const auto& router : routers_)
    if (!router->settled())
      return "router " + router->options().interface + '/' +
             std::to_string(router->options().vrid.value) + " is in the midst of a move";
  for (auto& router : routers_) router->make_way();
  return {};
}

void RouterSet::abort() {
  for (auto& router : routers_) router->abort();
}

}  // namespace vrrp::daemon
