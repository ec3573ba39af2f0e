#pragma once

#include "common/yaml_reader.hpp"
#include "vrrpd/daemon/router_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vrrp::config {

/// The operator's door.
void read_admin(const common::ConfigNode& root, control::AdminOptions& admin);
/// What is kept for the next run.
void read_directories(const common::ConfigNode& root, daemon::MemoryOptions& memory);
/// Planned moves between daemons.
void read_handover(const common::ConfigNode& root, handover::HandoverOptions& handover);
/// `routers`, each read by the readers below; no VRID and no address twice.
std::vector<daemon::RouterOptions> read_routers(const common::ConfigNode& root);

/// `programs`, `notify`, `sandbox`, `scheduling`.
void read_process(const common::ConfigNode& root, daemon::Options& options);

// Parts of one router:
/// What RFC 9568 §6.1 calls parameters, and how advertisements look on the wire.
void read_protocol(const common::ConfigNode& node, daemon::RouterOptions& router);
void read_announcements(const common::ConfigNode& node, daemon::RouterOptions& router);
void read_addresses(const common::ConfigNode& node, daemon::RouterOptions& router);
/// After the addresses: they give the family.
void read_routes(const common::ConfigNode& node, daemon::RouterOptions& router);
/// Peers by name instead of the multicast group. After the addresses: they give the family.
void read_unicast(const common::ConfigNode& node, daemon::RouterOptions& router);
/// The mode and the keys, from files that nobody else may read. After the interval: it gives the
/// window.
void read_authentication(const common::ConfigNode& node, daemon::RouterOptions& router);
/// What VRRPv2 cannot say. After all that it concerns.
void check_version(const common::ConfigNode& node, const daemon::RouterOptions& router);
/// What must be well for the router to be Active.
void read_tracks(const common::ConfigNode& node, daemon::RouterOptions& router);

// What several readers need:
void read_interface_name(const common::ConfigNode& node, std::string_view key,
                         const std::string& name);
/// An absolute path and arguments, to be executed without a shell.
void read_command(const common::ConfigNode& node, std::string_view key,
                  std::vector<std::string>& command);

}  // namespace vrrp::config
