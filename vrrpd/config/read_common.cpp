#include "vrrpd/config/readers.hpp"

#include <algorithm>

namespace vrrp::config {
namespace {

constexpr std::size_t kLongestInterfaceName = 15;  // IFNAMSIZ less its final 0
constexpr std::size_t kMostWords = 64;
constexpr std::size_t kLongestCommand = 4096;  // octets

}  // namespace

void read_interface_name(const common::ConfigNode& node, std::string_view key,
                         const std::string& name) {
  if (name.empty() || name.size() > kLongestInterfaceName)
    node.fault(key, "cannot be the name of an interface", "1 to 15 characters such as eth0");
}

void read_command(const common::ConfigNode& node, std::string_view key,
                  std::vector<std::string>& command) {
  for (const auto& item : node.items(key, 1, kMostWords)) {
    if (auto word = item.text()) command.push_back(std::move(*word));
  }
  std::size_t octets = 0;
  for (const auto& word : command) octets += word.size() + 1;
  if (octets > kLongestCommand)
    node.fault(key, "is too long", "at most 4096 octets");
  else if (!command.empty() && !command.front().starts_with('/'))
    node.fault(key, "is executed without a shell and without a search",
               "the absolute path, then each argument: [/usr/local/bin/check, --fast]");
}

}  // namespace vrrp::config
