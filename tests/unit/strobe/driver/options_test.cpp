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

TEST_CASE("Who is believed is said, and is by default not everybody", "[strobe]") {
  CHECK(read_options({"--target", "https://a.test"}).options->tls.verify);
  const auto named = read_options({"--target", "https://a.test", "--ca", "ca.pem"}).options;
  CHECK(named->tls.verify);
  CHECK(named->tls.ca_file == "ca.pem");
  CHECK_FALSE(read_options({"--unverified", "--target", "https://a.test"}).options->tls.verify);
}

TEST_CASE("A host is asked for where --address says it is", "[strobe]") {
  struct Row {
    std::vector<std::string> arguments;
    std::string host;     // what the request asks for
    std::string address;  // empty: to be looked up
  };
  const auto row = GENERATE(values<Row>({
      {{"--target", "127.0.0.1:80"}, "127.0.0.1", "127.0.0.1:80"},
      {{"--target", "http://127.0.0.1"}, "127.0.0.1", "127.0.0.1:80"},
      {{"--target", "https://[::1]:8443"}, "[::1]:8443", "[::1]:8443"},
      {{"--target", "https://a.test"}, "a.test", ""},
      {{"--target", "https://a.test", "--address", "192.0.2.1"}, "a.test", "192.0.2.1:443"},
      {{"--address", "192.0.2.1:9", "--target", "https://a.test:8"}, "a.test:8", "192.0.2.1:9"},
  }));
  const auto options = read_options(row.arguments).options;
  REQUIRE(options);
  CHECK(options->request.host == row.host);
  CHECK((options->address ? options->address->to_string() : "") == row.address);
}

TEST_CASE("A URL's path is asked for, unless another is named behind it", "[strobe]") {
  CHECK(read_options({"--target", "https://a.test/b?c"}).options->request.target == "/b?c");
  CHECK(read_options({"--target", "https://a.test"}).options->request.target == "/");
  CHECK(read_options({"--target", "https://a.test/b", "--path", "/d"}).options->request.target ==
        "/d");
}

TEST_CASE("What cannot be used is named", "[strobe]") {
  struct Row {
    std::vector<std::string> arguments;
    std::string fault;
  };
  const auto row = GENERATE(values<Row>({
      {{}, "--target is missing: ADDRESS:PORT or a URL"},
      {{"--target", "nowhere"}, "--target: cannot use 'nowhere'"},
      {{"--target", "127.0.0.1:80", "--rate", "0"}, "--rate: cannot use '0'"},
      {{"--target", "127.0.0.1:80", "--timeout", "2"}, "--timeout: cannot use '2'"},
      {{"--target", "127.0.0.1:80", "--rate"}, "--rate needs a value"},
      {{"--target", "127.0.0.1:80", "--field", "A: b\r\nC: d"},
       "--field: cannot use 'A: b\r\nC: d'"},
      {{"--speed", "1"}, "unknown option --speed"},
      {{"--target", "127.0.0.1:80", "--ca", "ca.pem"},
       "--ca and --unverified are for an https:// target"},
      {{"--unverified", "--target", "http://127.0.0.1"},
       "--ca and --unverified are for an https:// target"},
      {{"--target", "https://a.test", "--ca", "ca.pem", "--unverified"},
       "--unverified looks at no certificate: there is no use for --ca"},
      {{"--target", "127.0.0.1:80", "--timeline", "1ms"}, "a timeline has at most 3600 points"},
      {{"--target", "https://a.test", "--address", "a.test"}, "--address: cannot use 'a.test'"},
      {{"--target", "127.0.0.1:80", "--count", "10000001"}, "a run has 1 to 10000000 requests"},
  }));
  const auto read = read_options(row.arguments);
  CHECK_FALSE(read.options);
  CHECK(read.fault == row.fault);
}
