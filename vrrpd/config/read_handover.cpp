#include "common/admin_token.hpp"
#include "vrrpd/config/readers.hpp"

#include <fstream>

namespace vrrp::config {

using namespace std::chrono_literals;

namespace {

void read_lbd(const common::ConfigNode& node, handover::LbdOptions& lbd) {
  node.read("address", lbd.address);
  if (lbd.address && lbd.address->port == 0)
    node.fault("address", "port 0 cannot be connected to", "127.0.0.1:9101");
  std::string file;
  node.read("token_file", file);
  if (file.empty()) return;
  if (const auto token = common::AdminToken::from_file(file); !token)
    node.fault("token_file", token.error().wrong, token.error().right);
  std::ifstream stream{file};
  std::getline(stream, lbd.token);
  if (lbd.token.ends_with('\r')) lbd.token.pop_back();
}

}  // namespace

void read_handover(const common::ConfigNode& root, handover::HandoverOptions& handover) {
  const auto node = root.section("handover");
  node.read("key_file", handover.key_file);
  node.read("port", handover.port, {1, 65535});
  read_lbd(node.section("lbd"), handover.lbd);
  node.read("drain", handover.drain, {.least = 1s, .most = 24h});
  if (handover.key_file.empty()) return;
  auto key = handover::Key::from_file(handover.key_file);
  if (key)
    handover.key = *key;
  else
    node.fault("key_file", key.error().wrong, key.error().right);
}

}  // namespace vrrp::config
