#include "app/config/load.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

namespace booking::config {
namespace {

std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> all;
  for (const auto& error : load_text(text, "t.yaml").errors) all.push_back(error.to_string());
  return all;
}

bool any_has(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("A configuration with servers names them and their password", "[booking][config]") {
  const auto loaded = load_text("database: {nodes: ['10.0.0.31:3306'], password: x}", "t.yaml");
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->api.listen.to_string() == "0.0.0.0:8080");
  CHECK(loaded.settings->admin_listen.to_string() == "127.0.0.1:9108");
  CHECK(loaded.settings->servers->nodes.size() == 1);
}

TEST_CASE("Without servers bookings are kept in a file", "[booking][config]") {
  for (const auto* text : {"", "http: {}", "database: {}"}) {
    const auto loaded = load_text(text, "t.yaml");
    REQUIRE(loaded.settings);
    CHECK_FALSE(loaded.settings->servers);
    CHECK(loaded.settings->file.file == "bookd.sqlite");
  }
  const auto loaded = load_text("database: {file: /srv/b.db, queue: 7, deadline: 1s}", "t.yaml");
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->file.file == "/srv/b.db");
  CHECK(loaded.settings->file.queue == 7);
  CHECK(any_has(errors_of("database: {file: ''}"), "database.file"));
  CHECK(any_has(errors_of("database: {file: x, nodes: ['10.0.0.31:3306'], password: x}"),
                "two databases"));
  CHECK(any_has(errors_of("database: {user: bookd, password: x}"), "database.nodes"));
}

TEST_CASE("Every setting reaches the room it steers", "[booking][config]") {
  const auto loaded = load_text(R"(
http: {listen: "127.0.0.1:18080", trusted_proxies: [10.0.0.0/24]}
admin: {listen: "127.0.0.1:19108"}
database: {nodes: ["10.0.0.31:3306", "10.0.0.32:3306"], user: u, name: d, password: p, connections: 3, queue: 9, deadline: 2s, write_deadline: 7s}
admins: [{username: owner, password_hash: "$argon2id$x"}]
sessions: {lifetime: 8h}
web: {business_name: 한빛, emergency_phone: 02-1}
limits: {head: 8KiB, body: 32KiB, connections: 10, head_timeout: 1s}
drain: {announce: 0s, deadline: 5s}
)",
                                "t.yaml");
  REQUIRE(loaded.errors.empty());
  const auto& settings = *loaded.settings;
  CHECK(settings.api.trusted_proxies.size() == 1);
  CHECK(settings.servers->queue == 9);
  CHECK(settings.servers->deadline == std::chrono::seconds{2});
  CHECK(settings.servers->write_deadline == std::chrono::seconds{7});
  CHECK(settings.api.admin.accounts.at(0).username == "owner");
  CHECK(settings.api.admin.session_lifetime == std::chrono::hours{8});
  CHECK(settings.web.business_name == "한빛");
  CHECK(settings.api.limits.head.value == 8192);
  CHECK(settings.api.drain.announce == std::chrono::milliseconds{0});
}

TEST_CASE("TLS needs a certificate with its key, and names need an authority",
          "[booking][config]") {
  const auto loaded = load_text(
      "http: {tls: {certificate_file: c, key_file: k, client_ca_file: a, client_names: [lb1]}}",
      "t.yaml");
  REQUIRE(loaded.errors.empty());
  CHECK(loaded.settings->api.tls->key_file == "k");
  CHECK(loaded.settings->api.tls->client_names == std::vector<std::string>{"lb1"});
  CHECK_FALSE(load_text("", "t.yaml").settings->api.tls);

  const auto errors = errors_of("http: {tls: {certificate_file: c, client_names: [lb1, '']}}");
  CHECK(any_has(errors, "http.tls.key_file"));
  CHECK(any_has(errors, "http.tls.client_names[1]"));
  CHECK(any_has(errors, "client_ca_file"));
}

TEST_CASE("All faults are reported at once", "[booking][config]") {
  const auto errors = errors_of(R"(
htp: {}
http: {trusted_proxies: [nonsense]}
admin: {listen: "0.0.0.0:8080"}
database: {nodes: ["10.0.0.31", "10.0.0.32:3306", "10.0.0.32:3306"], connections: 0, tls: {key_file: k}}
admins: [{username: a, password_hash: plain}, {username: a, password_hash: "$argon2id$x"}]
web: {emergency_phone: "call me"}
)");
  CHECK(any_has(errors, "htp"));
  CHECK(any_has(errors, "http.trusted_proxies[0]"));
  CHECK(any_has(errors, "admin.listen"));
  CHECK(any_has(errors, "database.nodes[0]"));
  CHECK(any_has(errors, "database.nodes[2]"));
  CHECK(any_has(errors, "database.connections"));
  CHECK(any_has(errors, "database.tls.ca_file"));
  CHECK(any_has(errors, "database.tls.key_file"));
  CHECK(any_has(errors, "password and password_file"));
  CHECK(any_has(errors, "admins[0].password_hash"));
  CHECK(any_has(errors, "admins[1].username"));
  CHECK(any_has(errors, "web.emergency_phone"));
}

TEST_CASE("The configuration that is shipped is right", "[booking][config]") {
  const auto loaded = load_file(MAINSTAY_SOURCE_DIR "/conf/bookd.yaml");
  for (const auto& error : loaded.errors) UNSCOPED_INFO(error.to_string());
  CHECK(loaded.settings);
}

TEST_CASE("Whom the operations page asks is checked like everything else", "[booking][config]") {
  const auto loaded = load_text(
      "ops:\n"
      "  load_balancers: [{name: lb1, vrrpd: \"http://10.0.0.11:9112\", lbd: "
      "\"http://10.0.0.11:9101\"}]\n"
      "  applications: [{name: app1, address: \"http://10.0.0.21:8080\"}]\n"
      "  backup_metrics: /var/lib/prometheus/node-exporter\n",
      "bookd.yaml");
  REQUIRE(loaded.errors.empty());
  CHECK(loaded.settings->ops.load_balancers.at(0).lbd == "http://10.0.0.11:9101");
  CHECK(loaded.settings->ops.applications.at(0).name == "app1");

  const auto faulty = load_text(
      "ops:\n"
      "  load_balancers: [{name: lb1, vrrpd: lb1:9112}, {name: lb1}]\n"
      "  applications: [{name: app1}]\n"
      "  backup_metrics: metrics\n",
      "bookd.yaml");
  std::vector<std::string> paths;
  for (const auto& error : faulty.errors) paths.push_back(error.path);
  CHECK(paths == std::vector<std::string>{"ops.load_balancers[0].vrrpd",
                                          "ops.load_balancers[1].name",
                                          "ops.applications[0].address", "ops.backup_metrics"});
}

}  // namespace booking::config
