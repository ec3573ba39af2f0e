#include "vrrpd/notify/webhook.hpp"

#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

namespace vrrp::notify {
namespace {

using namespace std::chrono_literals;

constexpr common::WallTime kNow{std::chrono::seconds{1'700'000'000}};
const Transition kTransition{.interface = "eth0",
                             .vrid = 51,
                             .from = "backup",
                             .to = "active",
                             .reason = "no \"word\"\n",
                             .priority = 200,
                             .peer = "192.168.10.12",
                             .addresses = "192.168.10.100/24"};

TEST_CASE("A webhook is told everything of a change, as JSON", "[vrrp][notify][webhook]") {
  const auto said = boost::json::parse(webhook_content(kTransition, "lb1", kNow));
  CHECK(said.at("text").as_string() ==
        "lb1: virtual router 51 on eth0 is active (was backup): no \"word\"\n");
  CHECK(said.at("node").as_string() == "lb1");
  CHECK(said.at("vrid").as_int64() == 51);
  CHECK(said.at("to").as_string() == "active");
  CHECK(said.at("addresses").as_string() == "192.168.10.100/24");
  CHECK(said.at("at").as_string() == "2023-11-14T22:13:20Z");
}

TEST_CASE("No argument of curl holds the address or the content", "[vrrp][notify][webhook]") {
  const auto program =
      webhook_program({.url = "https://h.example/secret?\"a", .secret = {}}, "{\"a\":1}", 9s, kNow);
  CHECK(program.run == std::vector<std::string>{"/usr/bin/curl", "--disable", "--config", "-"});
  CHECK(program.input.find("url = \"https://h.example/secret?\\\"a\"\n") != std::string::npos);
  CHECK(program.input.find("data-raw = \"{\\\"a\\\":1}\"\n") != std::string::npos);
  CHECK(program.input.find("Signature") == std::string::npos);
  // Three tries within the limit, and the end of curl behind it.
  CHECK(program.input.find("retry = 2\n") != std::string::npos);
  CHECK(program.input.find("max-time = 3.000\n") != std::string::npos);
  CHECK(program.timeout == 9500ms);
}

TEST_CASE("A signature covers the time and the content", "[vrrp][notify][webhook]") {
  // printf '1700000000.{}' | openssl dgst -sha256 -hmac a-secret-of-some-length
  const auto program =
      webhook_program({.url = "http://h", .secret = "a-secret-of-some-length"}, "{}", 9s, kNow);
  CHECK(program.input.find("X-Mainstay-Timestamp: 1700000000\"\n") != std::string::npos);
  CHECK(program.input.find(
            "X-Mainstay-Signature: "
            "sha256=ecddabbd9986bf0d6c83ba2db1ab97019f089771f86dade7e91c21f99fb01872\"\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace vrrp::notify
