#include "scripts/strobe/measure/record.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace std::chrono_literals;
using namespace strobe::measure;

TEST_CASE("A line is a JSON object with all that is known", "[strobe]") {
  const auto line = to_json_line({.n = 7,
                                  .scheduled_ms = 1795439524000.25,
                                  .kind = "book",
                                  .status = 201,
                                  .latency = 1500us,
                                  .attempts = 2,
                                  .number = "AB-1"});
  CHECK(line.ends_with("}\n"));
  const auto object = boost::json::parse(line).as_object();
  CHECK(object.at("n") == 7);
  CHECK(object.at("t").to_number<double>() == 1795439524000.25);
  CHECK(object.at("kind") == "book");
  CHECK(object.at("status") == 201);
  CHECK(object.at("ms").to_number<double>() == 1.5);
  CHECK(object.at("error").is_null());
  CHECK(object.at("attempts") == 2);
  CHECK(object.at("number") == "AB-1");
}

TEST_CASE("What did not happen is null", "[strobe]") {
  const auto object =
      boost::json::parse(to_json_line({.kind = "get", .failure = Failure::Timeout})).as_object();
  CHECK(object.at("status").is_null());
  CHECK(object.at("number").is_null());
  CHECK(object.at("error") == "timeout");
  CHECK_FALSE(object.contains("handshake_ms"));
  CHECK_FALSE(object.contains("reason"));
}

TEST_CASE("A line says what TLS took, and why it failed", "[strobe]") {
  const auto object = boost::json::parse(to_json_line({.kind = "get",
                                                       .failure = Failure::Distrusted,
                                                       .reason = "certificate has expired",
                                                       .handshake = 1500us}))
                          .as_object();
  CHECK(object.at("error") == "tls-distrusted");
  CHECK(object.at("reason") == "certificate has expired");
  CHECK(object.at("handshake_ms").to_number<double>() == 1.5);
}

TEST_CASE("A number cannot break out of its line", "[strobe]") {
  const auto line = to_json_line({.kind = "book", .number = "\"}\n{"});
  CHECK(boost::json::parse(line).as_object().at("number") == "\"}\n{");
  CHECK(line.find('\n') == line.size() - 1);
}

TEST_CASE("Every failure has a name of its own", "[strobe]") {
  for (std::size_t i = 1; i < kFailures; ++i) {
    CHECK_FALSE(name(static_cast<Failure>(i)).empty());
    for (std::size_t j = 0; j < i; ++j)
      CHECK(name(static_cast<Failure>(i)) != name(static_cast<Failure>(j)));
  }
}
