#include "app/dbctl/config/load.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace booking::dbctl {
namespace {

using common::ConfigNode;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kNodes = 2;
constexpr std::size_t kLongestName = 32;
constexpr std::size_t kLongestPassword = 1024;  // octets

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

/// Goes between quotes of a statement.
void refuse_quotes(const ConfigNode& node, std::string_view key, const std::string& text) {
  if (text.find_first_of("'\\{}") != text.npos || text.empty())
    node.fault(key, "this cannot be written into a statement",
               "a word without quotes, backslashes and braces");
}

void read_nodes(const ConfigNode& root, Options& out) {
  std::set<std::string> names;
  std::set<common::SocketAddress> addresses;
  for (const auto& node : root.items("nodes", kNodes, kNodes)) {
    NodeOptions option;
    node.require("name", option.name);
    node.require("address", option.address);
    node.read("command", option.command);
    if (node.has("name") && !is_name(option.name))
      node.fault("name", '"' + option.name + "\" is no name of a node",
                 "up to 32 letters, digits, and - _ .");
    else if (node.has("name") && !names.insert(option.name).second)
      node.fault("name", option.name + " is listed already", "a name of its own");
    if (node.has("address") && option.address.port == 0)
      node.fault("address", "port 0 cannot be connected to",
                 "address and port such as 10.0.0.31:3306");
    else if (node.has("address") && !addresses.insert(option.address).second)
      node.fault("address", option.address.to_string() + " is listed already", "each node once");
    out.nodes.push_back(std::move(option));
  }
  if (!root.has("nodes"))
    root.fault("nodes", "the two nodes are missing", "name and address of each");
}

void expect_both_or_none(const ConfigNode& tls, const char* certificate, const std::string& first,
                         const char* key, const std::string& second) {
  if (first.empty() != second.empty())
    tls.fault(second.empty() ? certificate : key,
              "a certificate is of no use without its key, nor the key without it",
              "both, or none");
}

void read_tls(const ConfigNode& tls, Options& out) {
  tls.read("enabled", out.tls);
  tls.read("ca_file", out.tls_ca);
  tls.read("certificate_file", out.tls_certificate);
  tls.read("key_file", out.tls_key);
  expect_both_or_none(tls, "certificate_file", out.tls_certificate, "key_file", out.tls_key);
  tls.read("replication_ca", out.terms.tls_ca);
  refuse_quotes(tls, "replication_ca", out.terms.tls_ca);
  for (const auto& [key, path] : {std::pair{"replication_certificate", &out.terms.tls_certificate},
                                  std::pair{"replication_key", &out.terms.tls_key}}) {
    tls.read(key, *path);
    if (!path->empty()) refuse_quotes(tls, key, *path);
  }
  expect_both_or_none(tls, "replication_certificate", out.terms.tls_certificate, "replication_key",
                      out.terms.tls_key);
  out.terms.tls = out.tls;
}

void read_limits(const ConfigNode& limits, Options& out) {
  limits.read("connect", out.connect_timeout, {seconds{1}, seconds{60}});
  limits.read("catch_up", out.terms.catch_up, {milliseconds{100}, minutes{10}});
  limits.read("copy", out.terms.copying, {seconds{1}, std::chrono::hours{48}});
  limits.read("behind_seconds", out.terms.most_behind_seconds, {0, 3600});
}

Loaded load(common::ConfigDocument document) {
  Loaded loaded;
  Options out;
  const auto root = document.root();
  read_nodes(root, out);
  root.read("database", out.database);
  refuse_quotes(root, "database", out.database);
  root.read("user", out.user);
  root.read("password_file", out.password_file);
  const auto replication = root.section("replication");
  replication.read("user", out.terms.replication_user);
  replication.read("password_file", out.replication_password_file);
  refuse_quotes(replication, "user", out.terms.replication_user);
  read_tls(root.section("tls"), out);
  root.read("record", out.record);
  if (!out.record.starts_with('/'))
    root.fault("record", '"' + out.record + "\" depends on where dbctl is run", "an absolute path");
  read_limits(root.section("limits"), out);
  loaded.errors = document.errors();
  if (loaded.errors.empty()) loaded.options = std::move(out);
  return loaded;
}

common::Result<void, std::string> read_secret(const std::string& name,
                                              const std::string& config_path, std::string& out) {
  std::filesystem::path path{name};
  if (path.is_relative()) path = std::filesystem::path{config_path}.parent_path() / path;
  std::ifstream file{path};
  std::string line;
  if (!file || !std::getline(file, line) || line.empty() || line.size() > kLongestPassword)
    return "no password can be read from " + path.string();
  if (line.find_first_of("'\\") != line.npos)
    return path.string() +
           ": a password with a quote or a backslash cannot be written into a statement";
  out = std::move(line);
  return {};
}

}  // namespace

Loaded load_file(const std::string& path) { return load(common::ConfigDocument::from_file(path)); }

Loaded load_text(std::string_view text, std::string name) {
  return load(common::ConfigDocument::from_text(text, std::move(name)));
}

common::Result<void, std::string> read_passwords(Options& options, const std::string& config_path) {
  if (auto done = read_secret(options.password_file, config_path, options.password); !done)
    return done;
  return read_secret(options.replication_password_file, config_path, options.replication_password);
}

}  // namespace booking::dbctl
