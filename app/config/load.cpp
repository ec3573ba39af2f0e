#include "app/config/load.hpp"

#include "app/config/check_files.hpp"
#include "app/config/read_ops.hpp"
#include "common/log_options.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

namespace booking::config {
namespace {

using common::ConfigNode;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMostNodes = 8;
constexpr std::size_t kMostAccounts = 32;
constexpr std::size_t kMostProxies = 16;
constexpr std::size_t kLongestPassword = 1024;  // octets of the file
constexpr std::uint64_t kKibi = 1024;
constexpr common::DurationRange kTimeout{milliseconds{10}, minutes{10}};

void read_tls_door(const ConfigNode& tls, std::optional<api::TlsOptions>& out) {
  auto& read = out.emplace();
  tls.require("certificate_file", read.certificate_file);
  tls.require("key_file", read.key_file);
  tls.read("client_ca_file", read.client_ca_file);
  for (const auto& item : tls.items("client_names", 0, kMostProxies)) {
    const auto name = item.text();
    if (name && name->empty())
      item.fault("", "a client without a name", "a DNS name of its certificate such as lb1");
    else if (name)
      read.client_names.push_back(*name);
  }
  if (!read.client_names.empty() && read.client_ca_file.empty())
    tls.fault("client_names", "without client_ca_file no client says who it is",
              "client_ca_file, or no names");
}

void read_http(const ConfigNode& http, api::ApiOptions& out) {
  http.read("listen", out.listen);
  if (http.has("tls")) read_tls_door(http.section("tls"), out.tls);
  for (const auto& proxy : http.items("trusted_proxies", 0, kMostProxies)) {
    const auto text = proxy.text();
    const auto network = text ? common::PrefixedAddress::parse(*text) : std::nullopt;
    if (network)
      out.trusted_proxies.push_back(*network);
    else if (text)
      proxy.fault("", '"' + *text + "\" cannot be used", "an address or network such as 10.0.0.11");
  }
}

void read_limits(const ConfigNode& limits, api::HttpLimits& out) {
  limits.read("head", out.head, {kKibi, 256 * kKibi});
  limits.read("body", out.body, {kKibi, 16 * kKibi * kKibi});
  limits.read("upload", out.upload, {kKibi, 64 * kKibi * kKibi});
  limits.read("uploads", out.uploads, {1, 1000});
  limits.read("upload_timeout", out.upload_timeout, kTimeout);
  limits.read("connections", out.connections, {1, 100000});
  limits.read("idle_timeout", out.idle_timeout, kTimeout);
  limits.read("head_timeout", out.head_timeout, kTimeout);
  limits.read("body_timeout", out.body_timeout, kTimeout);
  limits.read("write_timeout", out.write_timeout, kTimeout);
}

void read_nodes(const ConfigNode& database, store::MariadbOptions& out) {
  std::set<common::SocketAddress> taken;
  for (const auto& node : database.items("nodes", 1, kMostNodes)) {
    const auto text = node.text();
    if (!text) continue;
    const auto address = common::SocketAddress::parse(*text);
    if (!address || address->port == 0)
      node.fault("", '"' + *text + "\" cannot be used", "address and port such as 10.0.0.31:3306");
    else if (!taken.insert(*address).second)
      node.fault("", *text + " is listed already", "each node once");
    else
      out.nodes.push_back(*address);
  }
}

void read_tls(const ConfigNode& tls, std::optional<store::TlsOptions>& out) {
  auto& read = out.emplace();
  tls.require("ca_file", read.ca_file);
  tls.read("certificate_file", read.certificate_file);
  tls.read("key_file", read.key_file);
  if (read.certificate_file.empty() != read.key_file.empty())
    tls.fault(read.key_file.empty() ? "certificate_file" : "key_file",
              "a certificate is of no use without its key, nor the key without it",
              "both, or none");
}

void read_servers(const ConfigNode& database, Settings& settings) {
  store::MariadbOptions out;
  read_nodes(database, out);
  database.read("name", out.database);
  database.read("user", out.user);
  database.read("password", out.password);
  database.read("password_file", settings.password_file);
  if (database.has("password") == database.has("password_file"))
    database.fault("", "password and password_file are both given or both missing",
                   "one of the two");
  database.read("connections", out.connections, {1, 128});
  database.read("queue", out.queue, {1, 100000});
  database.read("deadline", out.deadline, kTimeout);
  database.read("write_deadline", out.write_deadline, kTimeout);
  database.read("connect_timeout", out.connect_timeout, {seconds{1}, seconds{60}});
  if (database.has("tls")) read_tls(database.section("tls"), out.tls);
  database.read("probe_interval", out.probe_interval, {milliseconds{50}, seconds{60}});
  settings.servers = std::move(out);
}

void read_file_store(const ConfigNode& database, store::SqliteOptions& out) {
  out.file = "bookd.sqlite";
  database.read("file", out.file);
  if (out.file.empty())
    database.fault("file", "the file has no name", "a path such as bookd.sqlite");
  // A relative name stays so: where state is kept is known where bookd runs, not where it is
  // checked.
  database.read("queue", out.queue, {1, 100000});
  database.read("deadline", out.deadline, kTimeout);
}

void read_database(const ConfigNode& database, Settings& settings) {
  constexpr std::array<const char*, 4> kOfServers{"name", "user", "password", "password_file"};
  const bool servers = database.has("nodes") ||
                       std::ranges::any_of(kOfServers, [&](auto key) { return database.has(key); });
  if (servers && database.has("file"))
    database.fault("file", "a file and servers are two databases", "nodes or file, one of the two");
  if (servers)
    read_servers(database, settings);
  else
    read_file_store(database, settings.file);
}

void read_accounts(const ConfigNode& root, api::AdminOptions& out) {
  std::set<std::string> taken;
  for (const auto& node : root.items("admins", 0, kMostAccounts)) {
    api::AdminAccount account;
    node.require("username", account.username);
    node.require("password_hash", account.password_hash);
    if (node.has("username") && (account.username.empty() || account.username.size() > 60))
      node.fault("username", "this name has no length that can be stored", "1 to 60 octets");
    if (node.has("username") && !taken.insert(account.username).second)
      node.fault("username", account.username + " is listed already", "a name of its own");
    if (node.has("password_hash") && !account.password_hash.starts_with("$argon2id$"))
      node.fault("password_hash", "this is not an argon2id hash",
                 "the output of bookd --hash-password");
    out.accounts.push_back(std::move(account));
  }
  root.section("sessions")
      .read("lifetime", out.session_lifetime, {std::chrono::hours{1}, std::chrono::hours{24 * 30}});
}

void read_web(const ConfigNode& web, web::WebOptions& out) {
  web.read("business_name", out.business_name);
  web.read("emergency_phone", out.emergency_phone);
  web.read("public_url", out.public_url);
  const bool has_scheme =
      out.public_url.starts_with("https://") || out.public_url.starts_with("http://");
  if (!out.public_url.empty() && (!has_scheme || out.public_url.ends_with('/')))
    web.fault("public_url", '"' + out.public_url + "\" cannot stand before a path",
              "scheme and host such as https://book.example.kr");
  if (out.business_name.empty())
    web.fault("business_name", "the business has no name", "the name guests know it by");
  if (!std::ranges::all_of(out.emergency_phone,
                           [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+'; }))
    web.fault("emergency_phone", '"' + out.emergency_phone + "\" cannot be dialled",
              "digits and hyphens such as 02-123-4567");
}

void check_url(const ConfigNode& node, const std::string& url) {
  if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://"))
    node.fault("url", '"' + url + "\" cannot be used", "https://… or http://…");
}

void read_notify(const ConfigNode& notify, Settings& settings) {
  auto& out = settings.notify;
  notify.section("slack").read("url_file", settings.slack_url_file);
  const auto webhook = notify.section("webhook");
  webhook.read("url", out.webhook_url);
  webhook.read("secret_file", settings.webhook_secret_file);
  check_url(webhook, out.webhook_url);
  if (out.webhook_url.empty() != settings.webhook_secret_file.empty())
    webhook.fault("", "url and secret_file belong together", "both of them, or neither");
  const auto text = notify.section("text");
  text.read("url", out.text_url);
  text.read("token_file", settings.text_token_file);
  check_url(text, out.text_url);
  notify.read("timeout", out.timeout, {milliseconds{100}, seconds{60}});
}

void read_retention(const ConfigNode& retention, store::RetentionRules& out) {
  const auto days = [&](const char* key, std::chrono::days& value) {
    std::chrono::hours hours{value};
    retention.read(key, hours, {std::chrono::hours{24}, std::chrono::hours{24 * 365 * 20}});
    value = std::chrono::floor<std::chrono::days>(hours);
  };
  days("done", out.done);
  days("refused", out.refused);
  days("photos", out.photos);
  days("messages", out.messages);
}

/// `files_of`: whose files are read as well; nobody's when it is empty.
Loaded load(const common::ConfigDocument& document, const std::string& files_of = {}) {
  Loaded loaded;
  Settings settings;
  const auto root = document.root();
  common::read_log_options(root.section("log"), settings.log);
  read_http(root.section("http"), settings.api);
  root.section("admin").read("listen", settings.admin_listen);
  if (settings.admin_listen == settings.api.listen && settings.api.listen.port != 0)
    root.section("admin").fault("listen", settings.admin_listen.to_string() + " is http.listen",
                                "an address of its own");
  read_limits(root.section("limits"), settings.api.limits);
  read_database(root.section("database"), settings);
  root.section("privacy").read("keys_file", settings.keys_file);
  if (settings.keys_file.empty())
    root.section("privacy").fault("keys_file", "the file has no name", "a path such as bookd-keys");
  read_accounts(root, settings.api.admin);
  read_web(root.section("web"), settings.web);
  read_notify(root.section("notify"), settings);
  read_retention(root.section("retention"), settings.notify.retention);
  settings.notify.business_name = settings.web.business_name;
  root.section("guests").read("cutoff", settings.api.guests.cutoff,
                              {std::chrono::hours{0}, std::chrono::hours{24 * 14}});
  const auto guard = root.section("guests").section("guard");
  guard.read("free_by_address", settings.api.guard.free_by_address, {1, 10000});
  guard.read("free_by_phone", settings.api.guard.free_by_phone, {1, 1000});
  guard.read("first_wait", settings.api.guard.first_wait, {seconds{1}, seconds{600}});
  guard.read("longest_wait", settings.api.guard.longest_wait, {seconds{1}, seconds{86400}});
  guard.read("memory", settings.api.guard.memory, {seconds{60}, seconds{86400 * 7}});
  read_ops(root.section("ops"), settings.ops);
  const auto drain = root.section("drain");
  drain.read("announce", settings.api.drain.announce, {seconds{0}, minutes{5}});
  drain.read("deadline", settings.api.drain.deadline, {seconds{0}, minutes{5}});
  if (!files_of.empty()) check_files(root, settings, files_of);
  loaded.errors = document.errors();
  if (loaded.errors.empty()) loaded.settings = std::move(settings);
  return loaded;
}

}  // namespace

Loaded load_file(const std::string& path) { return load(common::ConfigDocument::from_file(path)); }

Loaded check_file(const std::string& path) {
  return load(common::ConfigDocument::from_file(path), path);
}

Loaded load_text(std::string_view text, std::string name) {
  return load(common::ConfigDocument::from_text(text, std::move(name)));
}

std::string state_directory() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string{text == nullptr ? "" : text};
  };
  if (const auto given = value("STATE_DIRECTORY"); !given.empty())
    return given.substr(0, given.find(':'));
  if (::geteuid() == 0) return "/var/lib/mainstay";
  if (const auto home = value("XDG_STATE_HOME"); !home.empty()) return home + "/mainstay";
  return value("HOME") + "/.local/state/mainstay";
}

std::string secret_path(const std::string& name, const std::string& config_path) {
  const std::filesystem::path path{name};
  if (path.is_absolute()) return path;
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  return credentials != nullptr ? std::filesystem::path{credentials} / path
                                : std::filesystem::path{config_path}.parent_path() / path;
}

common::Result<void> read_secret(const std::string& name, const std::string& config_path,
                                 std::string& out) {
  if (name.empty()) return {};
  std::ifstream file{secret_path(name, config_path)};
  std::string line;
  if (!file || !std::getline(file, line) || line.empty() || line.size() > kLongestPassword)
    return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
  if (line.back() == '\r') line.pop_back();
  out = std::move(line);
  return {};
}

}  // namespace booking::config
