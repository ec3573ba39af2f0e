#include "lb/ctl/arguments.hpp"
#include "lb/ctl/render.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

namespace lb::ctl {
namespace {

TEST_CASE("Options stand anywhere, and what is wrong is said", "[lb][ctl]") {
  const auto asked = read_arguments(
      {"--json", "drain", "--wait=5s", "app1", "--url", "127.0.0.1:9", "--token-file=/t"});
  REQUIRE(asked.has_value());
  CHECK(asked->verb == Verb::Drain);
  CHECK(asked->operands == std::vector<std::string>{"app1"});
  CHECK(asked->address == "http://127.0.0.1:9");
  CHECK(asked->token_file == "/t");
  CHECK(asked->wait == std::chrono::seconds{5});
  CHECK(asked->json);
  CHECK(read_arguments({"drain", "app1", "--wait"})->wait == std::chrono::seconds{30});
  CHECK(read_arguments({"status", "--socket", "/run/s"})->address == "unix:/run/s");
  CHECK(read_arguments({"weight", "--", "-odd", "3"})->operands.front() == "-odd");
  CHECK(read_arguments({"weight", "--help"})->verb == Verb::Help);
  CHECK(read_arguments({"--help"})->verb == Verb::Help);
  CHECK(read_arguments({"--version"})->verb == Verb::Version);
  struct Case {
    std::vector<std::string> words;
    const char* wrong;
  };
  for (const auto& c : std::vector<Case>{
           {{}, "what is to be done?"},
           {{"drian", "a"}, "no command drian"},
           {{"drain"}, "usage: lbctl drain [UPSTREAM/]ENDPOINT"},
           {{"status", "now"}, "usage: lbctl status"},
           {{"status", "--jason"}, "no option --jason"},
           {{"status", "--json=yes"}, "no option --json=…"},
           {{"status", "--url"}, "--url takes a value"},
           {{"status", "--url=ftp://a"}, "--url takes http://"},
           {{"status", "--socket=run/s"}, "--socket takes an absolute path"},
           {{"add", "a", "b:1", "--weight=10001"}, "from 0 to 10000"},
           {{"add", "a", "b:1", "--weight=x"}, "from 0 to 10000"},
           {{"add", "a", "b:1", "--weight="}, "from 0 to 10000"},
           {{"add", "a", "b:1", "--tier=100"}, "from 0 to 99"},
           {{"top", "--interval=1"}, "--interval takes a time"},
           {{"top", "--interval=10ms"}, "--interval takes a time"},
           {{"drain", "a", "--wait="}, "--wait takes a time"},
       }) {
    CAPTURE(c.words);
    const auto refused = read_arguments(c.words);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().find(c.wrong) != std::string::npos);
  }
}

TEST_CASE("Every command has its help, and completion knows it", "[lb][ctl]") {
  for (const auto& command : commands()) {
    CAPTURE(command.name);
    CHECK(usage().find("  " + std::string{command.name} + ' ') != std::string::npos);
    CHECK(help_of(command).find(command.purpose) != std::string::npos);
    for (const char* shell : {"bash", "zsh", "fish"})
      CHECK(completion(shell)->find(command.name) != std::string::npos);
  }
  CHECK_FALSE(completion("tcsh").has_value());
}

TEST_CASE("What a client sent cannot steer the operator's terminal", "[lb][ctl]") {
  const auto errors = boost::json::parse(
      R"([{"at": "2026-11-23T16:00:00.000Z", "status": 502, "path": "/\u001b[2J\u0007"}])");
  const auto text = render_errors(errors, {}, 10);
  CHECK(text.find("/?[2J?") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("Status says why an endpoint is out, and holes do not hurt", "[lb][ctl]") {
  const auto status = boost::json::parse(R"({"process": {"version": "1", "ready": false,
    "not_ready": ["upstream a has no usable endpoint"], "last_reload": {"successful": false,
    "faults": [{"where": "x:1: a", "wrong": "bad", "right": "good"}]}},
    "upstreams": [{"name": "a", "usable": 0, "queue_length": 8, "queued": 2, "endpoints": [
      {"name": "app1", "address": "10.0.0.1:80", "state": "down", "backup": true,
       "reason": {"last_check": "wrong_status", "detail": "status 503", "failed_in_row": 4}}]}]})");
  const auto text = render_status(status, {});
  for (const char* part :
       {"not ready", "upstream a has no usable endpoint", "x:1: a: bad, expected good",
        "a · 0/1 usable", "queue 2/8", "app1 10.0.0.1:80, backup", "down",
        "check wrong_status: status 503 (4 in a row)"}) {
    CAPTURE(part, text);
    CHECK(text.find(part) != std::string::npos);
  }
  for (const char* odd : {"null", "[]", "{}", "3", R"({"upstreams": 3, "process": []})",
                          R"({"upstreams": [3, {"endpoints": [null]}]})"}) {
    CAPTURE(odd);
    const auto value = boost::json::parse(odd);
    CHECK_NOTHROW(render_status(value, {}));
    CHECK_NOTHROW(render_upstreams(value, {}));
    CHECK_NOTHROW(render_errors(value, {}, 10));
    CHECK_NOTHROW(common::render_problem(value, {}));
  }
}

}  // namespace
}  // namespace lb::ctl
