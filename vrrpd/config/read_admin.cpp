#include "vrrpd/config/readers.hpp"

#include <algorithm>

namespace vrrp::config {

using common::ConfigNode;

namespace {

void read_listen(const ConfigNode& node, std::vector<common::AdminAddress>& listen) {
  if (!node.has("listen")) return;
  std::vector<std::string> words;
  if (auto word = node.section("listen").text())
    words.push_back(std::move(*word));
  else
    node.read("listen", words);
  listen.clear();
  for (const auto& word : words) {
    const auto address = common::AdminAddress::parse(word);
    if (!address)
      node.fault("listen", '"' + word + "\" is no address of an operator's door",
                 "127.0.0.1:9112, or unix: and an absolute path");
    else if (std::ranges::find(listen, *address) != listen.end())
      node.fault("listen", word + " is named twice", "every address once");
    else
      listen.push_back(*address);
  }
  if (words.empty() || words.size() > control::AdminOptions::kMostListeners)
    node.fault("listen", "there are " + std::to_string(words.size()), "1 to 4 addresses");
}

void read_directory(const ConfigNode& node, std::string_view key, std::string& directory) {
  node.read(key, directory);
  if (!directory.empty() && !directory.starts_with('/'))
    node.fault(key, '"' + directory + "\" is no absolute path", "a path such as /run/vrrpd");
}

}  // namespace

void read_admin(const ConfigNode& root, control::AdminOptions& admin) {
  const auto node = root.section("admin");
  read_listen(node, admin.listen);
  node.read("token_file", admin.token_file);
  if (admin.token_file.empty()) return;
  auto token = common::AdminToken::from_file(admin.token_file);
  if (token)
    admin.token = *token;
  else
    node.fault("token_file", token.error().wrong, token.error().right);
}

void read_directories(const ConfigNode& root, daemon::MemoryOptions& memory) {
  const auto node = root.section("directories");
  read_directory(node, "runtime", memory.runtime);
  read_directory(node, "state", memory.lasting);
}

}  // namespace vrrp::config
