#include "common/yaml_reader.hpp"

#include "tests/support/catch.hpp"

namespace common {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> texts(const ConfigDocument& document) {
  std::vector<std::string> out;
  for (const auto& error : document.errors()) out.push_back(error.to_string());
  return out;
}

TEST_CASE("Values are read into options, absent ones keep their default", "[common][config]") {
  const auto document = ConfigDocument::from_text(
      "workers: 3\n"
      "daemon: true\n"
      "timeouts: {connect: 250ms}\n"
      "limit: 64KiB\n"
      "listen: 0.0.0.0:80\n"
      "hosts: [a, b]\n",
      "t.yaml");
  int workers = 1;
  bool daemon = false;
  std::chrono::milliseconds connect{1};
  std::chrono::milliseconds idle{7};
  Bytes limit;
  SocketAddress listen;
  std::vector<std::string> hosts;
  const auto root = document.root();
  root.read("workers", workers, {1, 64});
  root.read("daemon", daemon);
  root.section("timeouts").read("connect", connect);
  root.section("timeouts").read("idle", idle);
  root.read("limit", limit);
  root.require("listen", listen);
  root.read("hosts", hosts);
  CHECK(texts(document).empty());
  CHECK(workers == 3);
  CHECK(daemon);
  CHECK(connect == 250ms);
  CHECK(idle == 7ms);
  CHECK(limit == Bytes{65536});
  CHECK(listen.to_string() == "0.0.0.0:80");
  CHECK(hosts == std::vector<std::string>{"a", "b"});
}

TEST_CASE("All faults are reported at once with line, path and mend", "[common][config]") {
  const auto document = ConfigDocument::from_text(
      "workers: 0\n"
      "upstreams:\n"
      "  - name: app\n"
      "    check: {rise: two, intervall: 1s}\n"
      "    endpoints: [10.0.0.21]\n"
      "log: verbose\n",
      "t.yaml");
  const auto root = document.root();
  int workers = 1;
  root.read("workers", workers, {1, 64});
  for (const auto& upstream : root.items("upstreams")) {
    std::string name;
    upstream.require("name", name);
    int rise = 2;
    std::chrono::seconds interval{1};
    const auto check = upstream.section("check");
    check.read("rise", rise, {1, 10});
    check.read("interval", interval);
    for (const auto& endpoint : upstream.items("endpoints")) {
      SocketAddress address;
      endpoint.require("address", address);
    }
  }
  SocketAddress listen;
  root.require("listen", listen);
  int level = 0;
  root.read_choice("log", level, {{"info", 1}, {"debug", 2}});
  CHECK(texts(document) ==
        std::vector<std::string>{
            "t.yaml:1: workers: 0 is too small, expected at least 1",
            "t.yaml:1: listen: this is missing, expected a value",
            "t.yaml:4: upstreams[0].check.rise: \"two\" is not a whole number, expected a number "
            "such as 3",
            "t.yaml:4: upstreams[0].check.intervall: unknown key, expected interval (did you mean "
            "that?)",
            "t.yaml:5: upstreams[0].endpoints[0]: this is a single value, expected a mapping",
            "t.yaml:6: log: \"verbose\" is not known, expected one of info, debug"});
  CHECK(workers == 1);
}

TEST_CASE("A scalar that does not fit is named with what would", "[common][config]") {
  struct Case {
    const char* text;
    const char* wrong;
  };
  const auto c = GENERATE(values<Case>({
      {"n: 4294967296", "4294967296 is too large"},
      {"n: 99999999999999999999", "99999999999999999999 is too large"},
      {"n: -1", "-1 is too small"},
      {"n: 1.5", "\"1.5\" is not a whole number"},
      {"n: [1]", "this is a list"},
      {"d: 5", "\"5\" is not a duration"},
      {"d: 10us", "10us is too fine"},
      {"d: 2h", "2h is too long"},
      {"b: yes", "\"yes\" cannot be used"},
      {"s: 0", "0 is too small"},
      {"s: 1KB", "\"1KB\" is not a size"},
      {"l: x", "this is a single value"},
      {"l: [1, 2, 3]", "there are 3"},
      {"l: []", "there are 0"},
  }));
  CAPTURE(c.text);
  const auto document = ConfigDocument::from_text(c.text, "t.yaml");
  const auto root = document.root();
  std::uint16_t n = 1;
  std::chrono::milliseconds d{1};
  bool b = false;
  Bytes s;
  root.read("n", n);
  root.read("d", d, {0ns, 1h});
  root.read("b", b);
  root.read("s", s);
  static_cast<void>(root.has("l") ? root.items("l", 1, 2) : std::vector<ConfigNode>{});
  const auto errors = document.errors();
  std::string seen;
  for (const auto& error : errors) seen += error.wrong + '\n';
  CHECK(seen == std::string{c.wrong} + '\n');
}

TEST_CASE("A file that is no configuration is one clear error", "[common][config]") {
  const auto text = GENERATE("a: [1", "\t- x", "- a", "just words", "a: 1\n---\nb: 2", "a: &x [*x]",
                             "*nowhere", "a: 1\nb: \x01");
  CAPTURE(text);
  const auto document = ConfigDocument::from_text(text, "t.yaml");
  int a = 0;
  document.root().require("a", a);
  document.root().items("b", 1, 2);
  CHECK(document.errors().size() == 1);  // not that a and b are missing, too
}

TEST_CASE("Keys that are none or stand twice are faults", "[common][config]") {
  const auto text = GENERATE("a: 1\na: 2", "? [x]\n: 1");
  CAPTURE(text);
  const auto document = ConfigDocument::from_text(text, "t.yaml");
  int a = 0;
  const auto root = document.root();
  if (root.has("a")) root.read("a", a);
  CHECK_FALSE(document.errors().empty());
}

TEST_CASE("Hostile nesting and size are refused, not followed", "[common][config]") {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += '[';
  for (int i = 0; i < 200; ++i) deep += ']';
  CHECK_FALSE(ConfigDocument::from_text(deep, "t").errors().empty());
  const std::string large(ConfigDocument::kLargestFile + 1, '#');
  CHECK_FALSE(ConfigDocument::from_text(large, "t").errors().empty());
}

TEST_CASE("Aliases of aliases are counted, not walked through", "[common][config]") {
  std::string text = "a0: &a0 {k: 1, k: 2}\n";
  for (int i = 1; i < 12; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) text += (j == 0 ? "" : ", ") + last;
    text += "]\n";
  }
  const auto errors = ConfigDocument::from_text(text, "t").errors();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].wrong == "there are too many values, aliases counted as often as they are used");
}

TEST_CASE("A file that is not there is an error that names it", "[common][config]") {
  const auto errors = ConfigDocument::from_file("/nonexistent/lbd.yaml").errors();
  REQUIRE(errors.size() == 1);
  CHECK(
      errors[0].to_string() ==
      "/nonexistent/lbd.yaml: cannot be read: No such file or directory, expected a readable file");
}

TEST_CASE("An empty file means all defaults", "[common][config]") {
  const auto document = ConfigDocument::from_text("", "t.yaml");
  int workers = 4;
  document.root().read("workers", workers);
  CHECK(texts(document).empty());
  CHECK(workers == 4);
}

}  // namespace
}  // namespace common
