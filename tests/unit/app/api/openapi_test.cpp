#include "app/api/problem_words.hpp"
#include "app/api/service.hpp"
#include "app/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>

namespace {

using Names = std::set<std::string>;

YAML::Node contract() { return YAML::LoadFile(MAINSTAY_OPENAPI); }

const Names kMethods{"get", "post", "put", "patch", "delete"};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return text;
}

Names written() {
  Names all;
  for (const auto& path : contract()["paths"])
    for (const auto& entry : path.second)
      if (const auto method = entry.first.as<std::string>(); kMethods.contains(method))
        all.insert(upper(method) + ' ' + path.first.as<std::string>());
  return all;
}

Names served() {
  boost::asio::io_context context;
  booking::privacy::KeyRing keys;
  keys.keys[1] = {};
  keys.active = 1;
  auto folder = (std::filesystem::temp_directory_path() / "bookd-contract-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  booking::store::SqliteOptions alone;
  alone.file = folder + "/bookd.sqlite";
  const booking::privacy::Vault vault{keys};
  const auto store = booking::store::open_sqlite_store(std::move(alone), vault);
  common::Metrics metrics;
  const booking::api::ApiOptions options;
  const booking::web::WebOptions web;
  const booking::ops::Watcher watcher{{}, [] { return std::vector<booking::store::NodeLook>{}; }};
  const booking::api::Service service{context, options, web, *store, vault, watcher, metrics};
  const auto routes = service.routes();
  std::filesystem::remove_all(folder);
  return {routes.begin(), routes.end()};
}

Names without(const Names& all, const Names& known) {
  Names rest;
  std::ranges::set_difference(all, known, std::inserter(rest, rest.end()));
  return rest;
}

/// What stands between backticks.
Names quoted(const std::string& text) {
  Names all;
  for (auto open = text.find('`'); open != std::string::npos;) {
    const auto close = text.find('`', open + 1);
    all.insert(text.substr(open + 1, close - open - 1));
    open = text.find('`', close + 1);
  }
  return all;
}

/// Every `$ref` below `node`.
void collect(const YAML::Node& node, Names& out) {
  if (node.IsSequence())
    for (const auto& item : node) collect(item, out);
  if (!node.IsMap()) return;
  for (const auto& member : node) {
    if (member.first.as<std::string>() == "$ref") out.insert(member.second.as<std::string>());
    collect(member.second, out);
  }
}

}  // namespace

TEST_CASE("The contract names what is served, and nothing else", "[booking][api][openapi]") {
  CHECK(without(served(), written()) == Names{});
  CHECK(without(written(), served()) == Names{});
}

TEST_CASE("Every reference of the contract leads somewhere", "[booking][api][openapi]") {
  const auto document = contract();
  Names references;
  collect(document, references);
  CHECK(references.size() > 20);
  for (const auto& reference : references) {
    INFO(reference);
    REQUIRE(reference.starts_with("#/components/"));
    const auto parts = reference.substr(13);
    const auto slash = parts.find('/');
    CHECK(document["components"][parts.substr(0, slash)][parts.substr(slash + 1)].IsDefined());
  }
}

TEST_CASE("Every operation has a name of its own and an answer", "[booking][api][openapi]") {
  Names names;
  for (const auto& path : contract()["paths"])
    for (const auto& entry : path.second) {
      if (!kMethods.contains(entry.first.as<std::string>())) continue;
      INFO(path.first.as<std::string>());
      REQUIRE(entry.second["operationId"]);
      CHECK(names.insert(entry.second["operationId"].as<std::string>()).second);
      CHECK(entry.second["responses"].size() > 0);
    }
}

TEST_CASE("Every refusal the contract names is told in Korean as well", "[booking][api][openapi]") {
  const Names members{"next_free", "misfit", "challenge"};
  Names codes;
  for (const auto& entry : contract()["components"]["responses"])
    if (const auto content = entry.second["content"];
        content && content["application/problem+json"])
      codes.merge(quoted(entry.second["description"].as<std::string>()));
  CHECK(codes.size() > 30);
  for (const auto& code : without(codes, members)) {
    INFO(code);
    CHECK_FALSE(booking::api::korean_detail(code).empty());
  }
}
