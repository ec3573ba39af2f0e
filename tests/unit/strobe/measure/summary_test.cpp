#include "scripts/strobe/measure/summary.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace std::chrono_literals;
using namespace strobe::measure;

TEST_CASE("Failures are counted by class and stay out of the percentiles", "[strobe]") {
  Summary summary{Schedule{100, 4}, 250ms};
  summary.add({.n = 0, .kind = "get", .status = 200, .latency = 100us});
  summary.add({.n = 1, .kind = "get", .latency = 2s, .failure = Failure::Timeout});
  summary.add({.n = 2, .kind = "get", .latency = 2s, .failure = Failure::Timeout});
  summary.add(
      {.n = 3, .kind = "get", .status = 502, .latency = 90us, .failure = Failure::ServerError});
  const auto object = boost::json::parse(summary.to_json(1000)).as_object();
  CHECK(object.at("requests") == 4);
  CHECK(object.at("failed") == 3);
  CHECK(object.at("failed_by_class") == boost::json::parse(R"({"timeout":2,"5xx":1})"));
  CHECK(object.at("latency_ms").at("max").to_number<double>() == 0.1);
  CHECK(object.at("longest_gap").at("begin").to_number<double>() == 1010);
  CHECK(object.at("longest_gap").at("ms").to_number<double>() == 30);
  CHECK(object.at("longest_gap").at("ended") == false);
}

TEST_CASE("Handshakes are told apart from requests, and only of TLS", "[strobe]") {
  Summary summary{Schedule{100, 1}, 250ms};
  summary.add({.n = 0, .kind = "get", .status = 200, .latency = 5ms});
  CHECK_FALSE(boost::json::parse(summary.to_json(0)).as_object().contains("tls"));
  summary.add(Handshake{.length = 2ms, .done = true});
  const auto object = boost::json::parse(summary.to_json(0)).as_object();
  CHECK(object.at("requests") == 1);
  CHECK(object.at("tls").at("handshakes") == 1);
  CHECK(object.at("latency_ms").at("max").to_number<double>() == 5);
}

TEST_CASE("A SYN that the kernel repeats after a second does not stretch the gap", "[strobe]") {
  // 100 requests a second; those due from 100 ms to 390 ms meet a dead address. Each gets its
  // answer a second after it was due, long after new connections work again.
  Summary summary{Schedule{100, 200}, 250ms};
  for (std::uint64_t n = 0; n < 200; ++n) {
    const bool during = n >= 10 && n < 40;
    summary.add({.n = n, .kind = "get", .status = 200, .latency = during ? 1003ms : 1ms});
  }
  CHECK(summary.failed() == 0);
  CHECK(summary.longest_gap().begin == 100ms);
  CHECK(summary.longest_gap().length == 300ms);
  CHECK(summary.longest_gap().ended);
}

TEST_CASE("An answer at the threshold is good, one beyond is not", "[strobe]") {
  Summary summary{Schedule{100, 2}, 250ms};
  summary.add({.n = 0, .kind = "get", .status = 200, .latency = 250ms});
  CHECK(summary.longest_gap().requests == 0);
  summary.add({.n = 1, .kind = "get", .status = 200, .latency = 250001us});
  CHECK(summary.longest_gap().requests == 1);
}
