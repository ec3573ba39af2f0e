#pragma once

#include "common/address.hpp"
#include "common/import_notes.hpp"
#include "vrrpd/import/keepalived_syntax.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vrrp::import {

using Notes = common::ImportNotes;
using Keys = std::vector<std::pair<std::string, std::string>>;  // in flow style

/// What vrrpd's configuration takes at most (vrrpd/config).
inline constexpr std::size_t kMostRouters = 255;
inline constexpr std::size_t kMostAddresses = 255;
inline constexpr std::size_t kMostIpv6Addresses = 89;
inline constexpr std::size_t kMostPeers = 16;
inline constexpr std::size_t kMostTracks = 16;
inline constexpr std::size_t kMostInGroup = 8;
inline constexpr std::size_t kMostRoutes = 16;
inline constexpr std::size_t kMostNotifications = 8;
inline constexpr std::size_t kLongestInterfaceName = 15;
inline constexpr std::size_t kMostWords = 64;
inline constexpr std::size_t kLongestCommand = 4000;  // octets, all words together

/// A script, process or file that instances name.
struct Check {
  const Directive* origin;
  Keys keys;            // `script`, `interval`, …; empty: it could not be taken over
  std::string became;   // what, in words
  int weight{0};        // 0: its failure is a fault of the instance
  bool reverse{false};  // keepalived 2.2: good when it fails
};

struct TrackText {
  std::string name;
  Keys keys;
};

/// One Virtual Router in the making.
struct RouterText {
  std::string origin;  // for the comment: file, line and name
  std::string name;    // of the instance
  std::string group;   // moves with the others of that name
  std::string interface;
  int vrid{0};
  int priority{100};
  bool v6{false};
  int version{2};
  std::vector<common::PrefixedAddress> addresses;
  std::vector<std::string> peers;
  Keys keys;  // all else
  std::vector<Keys> routes;
  std::vector<TrackText> tracks;
};

/// vrrpd.yaml in the making.
struct Site {
  Notes notes{"vrrpd"};
  int version{2};  // keepalived's default; `vrrp_version`
  std::string programs_user;
  std::string startup_delay;  // empty: none
  Keys scheduling;
  std::map<std::string, Check> scripts;
  std::map<std::string, Check> processes;
  std::map<std::string, Check> files;
  std::vector<Keys> notifications;
  std::vector<RouterText> routers;
};

/// Digits alone, within bounds.
std::optional<int> number_of(const std::string& text, int least, int most);
/// keepalived's seconds, `1` or `0.25`, as `250ms`, in whole `step` milliseconds.
std::optional<std::string> time_of(const std::string& seconds, int least_ms, int most_ms,
                                   int step_ms = 1);
/// The words of a program: from several arguments, or from one that holds them all. One that needs
/// a shell gets one. Nothing, and the reason in `why`, for what vrrpd does not run.
std::optional<std::string> command_of(const std::vector<std::string>& words, std::string& why);
/// Words of a command line, quotes and all.
std::vector<std::string> split(const std::string& line);
bool is_interface(std::string_view text);
/// `[a, b]`
std::string list_of(const std::vector<std::string>& items);
inline std::string quoted(std::string_view text) { return common::yaml_quoted(text); }

// In the order of their use:
void import_global(const Directive& global, Site& site);
void import_check(const Directive& definition, Site& site);
void import_instance(const Directive& instance, Site& site);
/// `virtual_routes` of an instance.
void import_routes(const Directive& list, RouterText& router, Site& site);
/// After the instances that it names.
void import_group(const Directive& group, Site& site);
void import_track_interface(const Directive& list, RouterText& router, Site& site);
void import_track_list(const Directive& list, const std::map<std::string, Check>& known,
                       RouterText& router, Site& site);
/// `notify_master` and its like, wherever they stand.
void import_notification(const Directive& directive, Site& site);
std::string write_yaml(const Site& site, const std::vector<Directive>& all,
                       const std::string& path);

}  // namespace vrrp::import
