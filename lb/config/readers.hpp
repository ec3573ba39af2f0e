#pragma once

#include "common/yaml_reader.hpp"
#include "lb/config/snapshot.hpp"

namespace lb::config {

void read_admin(const common::ConfigNode& root, admin::AdminOptions& admin);
void read_timeouts(const common::ConfigNode& node, proxy::Timeouts& timeouts);
void read_limits(const common::ConfigNode& node, proxy::Limits& limits);
std::vector<upstream::UpstreamOptions> read_upstreams(const common::ConfigNode& root);
std::vector<routing::Route> read_routes(const common::ConfigNode& root,
                                        const std::vector<upstream::UpstreamOptions>& upstreams);

}  // namespace lb::config
