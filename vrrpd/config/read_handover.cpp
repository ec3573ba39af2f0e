#include "vrrpd/config/readers.hpp"

namespace vrrp::config {

using namespace std::chrono_literals;

void read_handover(const common::ConfigNode& root, handover::HandoverOptions& handover) {
  const auto node = root.section("handover");
  node.read("key_file", handover.key_file);
  node.read("port", handover.port, {1, 65535});
  node.read("drain", handover.drain, {.least = 1s, .most = 24h});
  if (handover.key_file.empty()) return;
  auto key = handover::Key::from_file(handover.key_file);
  if (key)
    handover.key = *key;
  else
    node.fault("key_file", key.error().wrong, key.error().right);
}

}  // namespace vrrp::config
