#include "lb/config/readers.hpp"
#include "lb/http/target.hpp"

#include <algorithm>

namespace lb::config {
namespace {

void read_listen(const common::ConfigNode& node, std::vector<common::AdminAddress>& listen) {
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
                 "127.0.0.1:9101, or unix: and an absolute path");
    else if (std::find(listen.begin(), listen.end(), *address) != listen.end())
      node.fault("listen", word + " is named twice", "every address once");
    else
      listen.push_back(*address);
  }
  if (words.empty() || words.size() > admin::AdminOptions::kMostListeners)
    node.fault("listen", "there are " + std::to_string(words.size()), "1 to 4 addresses");
}

/// Where TLS is spoken, which the other addresses never do.
void read_secure_listen(const common::ConfigNode& node, admin::AdminOptions& admin) {
  read_listen(node, admin.secure_listen);
  if (admin.secure_listen.empty() && !node.has("listen"))
    node.fault("listen", "nobody would speak it", "the addresses where it is spoken");
  for (const auto& address : admin.secure_listen) {
    if (address.is_unix())
      node.fault("listen", address.to_string() + " leaves this machine never", "an IP address");
    const auto& plain = admin.listen;
    if (address.tcp.port != 0 && std::find(plain.begin(), plain.end(), address) != plain.end())
      node.fault("listen", address.to_string() + " is in admin.listen", "an address of its own");
  }
}

}  // namespace

void read_admin(const common::ConfigNode& root, admin::AdminOptions& admin) {
  const auto node = root.section("admin");
  read_listen(node, admin.listen);
  if (node.has("tls")) read_secure_listen(node.section("tls"), admin);
  node.read("token_file", admin.token_file);
  if (!admin.token_file.empty()) {
    auto token = common::AdminToken::from_file(admin.token_file);
    if (token)
      admin.token = *token;
    else
      node.fault("token_file", token.error().wrong, token.error().right);
  }
  node.read("dashboard", admin.dashboard);
  node.read("hosts", admin.hosts);
  for (const auto& host : admin.hosts)
    if (!http::is_authority(host) || http::host_of(host) != host)
      node.fault("hosts", '"' + host + "\" is no host name", "a host name without a port");
  if (admin.hosts.size() > admin::AdminOptions::kMostHosts)
    node.fault("hosts", "there are too many", "at most 16");
}

}  // namespace lb::config
