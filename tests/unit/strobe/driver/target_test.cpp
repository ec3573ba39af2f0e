#include "scripts/strobe/driver/target.hpp"

#include "tests/support/catch.hpp"

using strobe::driver::Target;

TEST_CASE("A target is an address with a port, or a URL", "[strobe]") {
  struct Row {
    std::string text;
    bool secure;
    std::string host;
    int port;
    std::string path;
    std::string authority;
  };
  const auto row = GENERATE(values<Row>({
      {"127.0.0.1:8080", false, "127.0.0.1", 8080, "", "127.0.0.1:8080"},
      {"[::1]:8080", false, "::1", 8080, "", "[::1]:8080"},
      {"127.0.0.1:443", false, "127.0.0.1", 443, "", "127.0.0.1:443"},
      {"http://a.test", false, "a.test", 80, "", "a.test"},
      {"http://a.test:443/", false, "a.test", 443, "/", "a.test:443"},
      {"https://a.test", true, "a.test", 443, "", "a.test"},
      {"https://a.test:80", true, "a.test", 80, "", "a.test:80"},
      {"https://192.168.10.100/b/c?d=e", true, "192.168.10.100", 443, "/b/c?d=e", "192.168.10.100"},
      {"https://[2001:db8::1]", true, "2001:db8::1", 443, "", "[2001:db8::1]"},
      {"https://[2001:db8::1]:8443/", true, "2001:db8::1", 8443, "/", "[2001:db8::1]:8443"},
  }));
  const auto target = Target::parse(row.text);
  REQUIRE(target);
  CHECK(target->secure == row.secure);
  CHECK(target->host == row.host);
  CHECK(target->port == row.port);
  CHECK(target->path == row.path);
  CHECK(target->authority() == row.authority);
}

TEST_CASE("What is no target is none", "[strobe]") {
  const auto* const text =
      GENERATE("", "a.test:80", "127.0.0.1", "127.0.0.1:0", "ftp://a.test", "https://",
               "https://:443", "https://a.test:", "https://a.test:0", "https://a.test:65536",
               "https://a.test:4x", "https://user@a.test", "https://[::1", "https://[a.test]",
               "https://[127.0.0.1]", "https://::1", "https://a.test/b c", "https://a.test/#b",
               "https://a.test/\r\nX: y", "https://a.test?b");
  CHECK_FALSE(Target::parse(text));
}
