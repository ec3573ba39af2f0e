#include "scripts/strobe/driver/options.hpp"

#include "tests/support/catch.hpp"

using namespace strobe::driver;

TEST_CASE("Duration and rate say how many requests there are, unless a count does", "[strobe]") {
  CHECK(read_options({"--target", "127.0.0.1:80", "--rate", "50", "--duration", "2s"})
            .options->count == 100);
  CHECK(read_options({"--target", "127.0.0.1:80", "--rate", "50", "--count", "7"}).options->count ==
        7);
}

TEST_CASE("A booking is a POST of JSON", "[strobe]") {
  const auto options = read_options({"--target", "127.0.0.1:80", "--book", "{}"}).options;
  REQUIRE(options);
  CHECK(options->request.method == "POST");
  CHECK(options->request.fields == std::vector<std::string>{"Content-Type: application/json"});
}

TEST_CASE("Without lasting connections the server is asked to close", "[strobe]") {
  CHECK(read_options({"--target", "127.0.0.1:80"}).options->request.close);
  CHECK_FALSE(
      read_options({"--target", "127.0.0.1:80", "--keep-alive", "4"}).options->request.close);
}

TEST_CASE("What cannot be used is named", "[strobe]") {
  struct Row {
    std::vector<std::string> arguments;
    std::string fault;
  };
  const auto row = GENERATE(values<Row>({
      {{}, "--target ADDRESS:PORT is missing"},
      {{"--target", "nowhere"}, "--target: cannot use 'nowhere'"},
      {{"--target", "127.0.0.1:80", "--rate", "0"}, "--rate: cannot use '0'"},
      {{"--target", "127.0.0.1:80", "--timeout", "2"}, "--timeout: cannot use '2'"},
      {{"--target", "127.0.0.1:80", "--rate"}, "--rate needs a value"},
      {{"--target", "127.0.0.1:80", "--field", "A: b\r\nC: d"},
       "--field: cannot use 'A: b\r\nC: d'"},
      {{"--speed", "1"}, "unknown option --speed"},
      {{"--target", "127.0.0.1:80", "--count", "10000001"}, "a run has 1 to 10000000 requests"},
  }));
  const auto read = read_options(row.arguments);
  CHECK_FALSE(read.options);
  CHECK(read.fault == row.fault);
}
