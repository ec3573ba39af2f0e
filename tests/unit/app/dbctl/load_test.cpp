#include "app/dbctl/config/load.hpp"

#include "tests/support/catch.hpp"

namespace booking::dbctl {
namespace {

TEST_CASE("The delivered dbctl.yaml is right and says the defaults") {
  const auto loaded = load_file(MAINSTAY_DBCTL_YAML);
  for (const auto& error : loaded.errors) UNSCOPED_INFO(error.to_string());
  REQUIRE(loaded.options.has_value());
  const auto& options = *loaded.options;
  const Options defaults;
  CHECK(options.nodes.size() == 2);
  CHECK(options.nodes[1].address.to_string() == "10.0.0.32:3306");
  CHECK(options.nodes[0].command.front() == "ssh");
  CHECK(options.record == defaults.record);
  CHECK(options.terms.catch_up == defaults.terms.catch_up);
  CHECK(options.terms.copying == defaults.terms.copying);
  CHECK(options.terms.most_behind_seconds == defaults.terms.most_behind_seconds);
  CHECK(options.tls);
}

TEST_CASE("All faults of a dbctl.yaml are told at once, with line and mend") {
  const auto loaded = load_text(
      "nodes:\n"
      "  - {name: db 1, address: 10.0.0.31:3306}\n"
      "  - {name: db2, address: 10.0.0.31:0}\n"
      "replication: {user: \"o'neill\"}\n"
      "record: dbctl.json\n"
      "limits: {catch_up: 5}\n"
      "tsl: {enabled: false}\n",
      "dbctl.yaml");
  CHECK_FALSE(loaded.options.has_value());
  std::vector<std::pair<int, std::string>> found;
  for (const auto& error : loaded.errors) {
    found.emplace_back(error.line, error.path);
    CHECK_FALSE(error.right.empty());
  }
  CHECK(found == std::vector<std::pair<int, std::string>>{{2, "nodes[0].name"},
                                                          {3, "nodes[1].address"},
                                                          {4, "replication.user"},
                                                          {5, "record"},
                                                          {6, "limits.catch_up"},
                                                          {7, "tsl"}});
}

TEST_CASE("A certificate of dbctl or of the replicas comes with its key") {
  const auto told = [](const std::string& tls) {
    return load_text(
        "nodes: [{name: a, address: 10.0.0.1:3306}, {name: b, address: 10.0.0.2:3306}]\ntls: {" +
            tls + "}\n",
        "dbctl.yaml");
  };
  const auto whole = told(
      "certificate_file: /a.pem, key_file: /a.key, replication_certificate: /n.pem, "
      "replication_key: /n.key");
  REQUIRE(whole.options.has_value());
  CHECK(whole.options->tls_certificate == "/a.pem");
  CHECK(whole.options->terms.tls_certificate == "/n.pem");
  CHECK(whole.options->terms.tls_key == "/n.key");
  for (const auto* half : {"certificate_file: /a.pem", "replication_certificate: /n.pem",
                           "replication_key: /n.key", "replication_certificate: \"/o'n.pem\""})
    CHECK_FALSE(told(half).options.has_value());
}

TEST_CASE("A pair is two nodes, each once") {
  CHECK_FALSE(load_text("database: bookd\n", "dbctl.yaml").options.has_value());
  CHECK_FALSE(load_text("nodes:\n  - {name: a, address: 10.0.0.1:3306}\n", "dbctl.yaml")
                  .options.has_value());
  CHECK_FALSE(
      load_text(
          "nodes:\n  - {name: a, address: 10.0.0.1:3306}\n  - {name: a, address: 10.0.0.2:3306}\n",
          "dbctl.yaml")
          .options.has_value());
  CHECK_FALSE(
      load_text(
          "nodes:\n  - {name: a, address: 10.0.0.1:3306}\n  - {name: b, address: 10.0.0.1:3306}\n",
          "dbctl.yaml")
          .options.has_value());
}

}  // namespace
}  // namespace booking::dbctl
