#include "vrrpd/hostcheck/observer.hpp"

#include "common/time.hpp"
#include "vrrpd/link/claim_socket.hpp"
#include "vrrpd/link/frame_socket.hpp"
#include "vrrpd/link/netlink.hpp"
#include "vrrpd/link/vrrp_socket.hpp"
#include "vrrpd/packet/receive_checks.hpp"
#include "vrrpd/privileges/privileges.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <net/if.h>
#include <poll.h>
#include <set>
#include <sys/utsname.h>
#include <utility>

namespace vrrp::hostcheck {
namespace {

constexpr std::size_t kMostInterfaces = 256;
constexpr std::size_t kMostHeard = 1024;  // of advertisements, and of claims
constexpr int kProbes = 3;                // of each address, spread over the look
constexpr std::chrono::milliseconds kShortestLook{300};

std::optional<int> setting(const std::string& path) {
  std::ifstream file{"/proc/sys/net/" + path};
  int value = 0;
  return file >> value ? std::optional{value} : std::nullopt;
}

std::optional<int> larger(const std::string& key, const std::string& interface) {
  return std::max(setting("ipv4/conf/all/" + key), setting("ipv4/conf/" + interface + '/' + key));
}

std::vector<SeenInterface> read_interfaces() {
  std::vector<SeenInterface> all;
  auto netlink = link::Netlink::open();
  auto* const names = netlink ? ::if_nameindex() : nullptr;
  if (names == nullptr) return all;
  for (const auto* one = names; one->if_index != 0 && all.size() < kMostInterfaces; ++one) {
    const std::string name{one->if_name};
    auto interface = link::read_interface(*netlink, name);
    if (!interface || interface->index == 0) continue;
    all.push_back({name,
                   std::move(*interface),
                   {.rp_filter = larger("rp_filter", name),
                    .arp_ignore = larger("arp_ignore", name),
                    .arp_filter = larger("arp_filter", name),
                    .disable_ipv6 = setting("ipv6/conf/" + name + "/disable_ipv6")}});
  }
  ::if_freenameindex(names);
  return all;
}

/// One interface and one family of the routers.
struct Post {
  const SeenInterface* interface;
  Family family;
  std::vector<common::IpAddress> addresses;  // to ask for
  std::optional<link::VrrpSocket> adverts;
  std::optional<link::ClaimSocket> claims;
  std::optional<link::FrameSocket> frames;

  bool open() {
    const auto index = interface->link.index;
    auto heard = link::VrrpSocket::open(interface->name, index, family);
    auto said = link::ClaimSocket::open(index, family);
    auto asks = link::FrameSocket::open(index);
    if (!heard || !said || !asks) return false;
    adverts = std::move(*heard);
    claims = std::move(*said);
    frames = std::move(*asks);
    return true;
  }

  void ask() {
    for (const auto& address : addresses)
      [[maybe_unused]] const auto sent =
          frames->send(packet::ownership_probe(address, interface->link.mac));
  }

  void hear(Observed& observed) {
    while (const auto received = adverts->receive()) {
      const auto& datagram = received->datagram;
      if (datagram.message.size() < packet::kFixedOctets) continue;
      const bool to_group = datagram.destination == packet::multicast_group(family);
      const std::array peers{datagram.source};
      // As whoever it is meant for would take it, from wherever it comes.
      const packet::Listener anybody{
          .vrid = {datagram.message[1]},
          .family = family,
          .version = static_cast<Version>(datagram.message[0] >> 4U),
          .advertisement_interval = std::chrono::seconds{datagram.message[5]},
          .peers = to_group ? std::span<const common::IpAddress>{} : peers,
          .least_time_to_live = 1};
      auto said = packet::check(datagram, {&anybody, 1}, {});
      if (said && observed.heard.size() < kMostHeard)
        observed.heard.push_back(
            {interface->name, *said, datagram.source, to_group, datagram.time_to_live});
    }
    while (const auto frame = claims->receive()) {
      const auto claim = packet::neighbor_claim(*frame);
      if (!claim || claim->mac == interface->link.mac || observed.claims.size() >= kMostHeard)
        continue;
      if (std::ranges::find(addresses, claim->address) != addresses.end())
        observed.claims.push_back({interface->name, *claim});
    }
  }
};

std::vector<Post> open_posts(const daemon::Options& options, const Observed& observed) {
  std::vector<Post> posts;
  for (const auto& router : options.routers) {
    const auto seen =
        std::ranges::find(observed.interfaces, router.interface, &SeenInterface::name);
    if (seen == observed.interfaces.end() || !seen->link.running) continue;
    auto post = std::ranges::find_if(posts, [&](const auto& one) {
      return one.interface == &*seen && one.family == router.family();
    });
    if (post == posts.end()) {
      Post made{&*seen, router.family(), {}, {}, {}, {}};
      if (!made.open()) continue;
      posts.push_back(std::move(made));
      post = std::prev(posts.end());
    }
    for (const auto& address : router.addresses) post->addresses.push_back(address.ip);
  }
  return posts;
}

std::chrono::milliseconds look_of(const daemon::Options& options) {
  std::chrono::milliseconds longest{0};
  for (const auto& router : options.routers)
    longest = std::max<std::chrono::milliseconds>(longest, 3 * router.advertisement_interval);
  return std::clamp(longest + kShortestLook, kShortestLook, kLongestLook);
}

void listen(std::vector<Post>& posts, std::chrono::milliseconds look, Observed& observed) {
  std::vector<pollfd> waits;
  for (const auto& post : posts)
    for (const int number : {post.adverts->descriptor().number(), post.claims->descriptor()})
      waits.push_back({.fd = number, .events = POLLIN, .revents = 0});
  const auto start = common::Clock::now();
  for (int asked = 0;;) {
    const auto passed = common::Clock::now() - start;
    if (passed >= look) return;
    if (asked < kProbes && passed >= asked * look / kProbes) {
      for (auto& post : posts) post.ask();
      ++asked;
    }
    const auto until = asked < kProbes ? asked * look / kProbes : look;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - passed);
    ::poll(waits.data(), waits.size(), std::max(1, static_cast<int>(left.count())));
    for (auto& post : posts) post.hear(observed);
  }
}

}  // namespace

Observed observe(const daemon::Options& options) {
  Observed observed;
  observed.missing_capabilities = privileges::missing_capabilities();
  utsname kernel{};
  if (::uname(&kernel) == 0)
    std::sscanf(kernel.release, "%d.%d", &observed.kernel_major, &observed.kernel_minor);
  observed.interfaces = read_interfaces();
  auto posts = open_posts(options, observed);
  observed.listened = !posts.empty();
  if (observed.listened) listen(posts, look_of(options), observed);
  return observed;
}

}  // namespace vrrp::hostcheck
