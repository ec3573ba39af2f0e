#include "scripts/strobe/measure/handshakes.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace std::chrono_literals;
using namespace strobe::measure;

TEST_CASE("Handshakes have percentiles, and reasons when they fail", "[strobe]") {
  Handshakes handshakes;
  CHECK_FALSE(handshakes.any());
  handshakes.add({.length = 1ms, .done = true});
  handshakes.add({.length = 3ms, .done = true});
  for (int i = 0; i < 2; ++i) handshakes.add({.length = 9s, .failure = "certificate has expired"});
  CHECK(handshakes.any());
  const auto object = boost::json::parse(handshakes.to_json()).as_object();
  CHECK(object.at("handshakes") == 2);
  CHECK(object.at("failed") == 2);
  CHECK(object.at("ms").at("max").to_number<double>() == 3);
  CHECK(object.at("failed_by_reason") == boost::json::parse(R"({"certificate has expired":2})"));
}

TEST_CASE("Reasons beyond the most are counted as other", "[strobe]") {
  Handshakes handshakes;
  for (std::size_t i = 0; i < Handshakes::kMostReasons + 5; ++i)
    handshakes.add({.failure = "reason \"" + std::to_string(i)});
  handshakes.add({.failure = "reason \"0"});
  const auto object = boost::json::parse(handshakes.to_json()).as_object();
  const auto& reasons = object.at("failed_by_reason").as_object();
  CHECK(reasons.size() == Handshakes::kMostReasons + 1);
  CHECK(reasons.at("other") == 5);
  CHECK(reasons.at("reason \"0") == 2);
}
