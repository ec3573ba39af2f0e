#include "common/log.hpp"

#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace common {
namespace {

/// What `work` printed to standard output.
template <class Work>
std::string printed_by(Work work) {
  std::fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  std::FILE* const file = std::tmpfile();
  dup2(fileno(file), STDOUT_FILENO);
  work();
  std::fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  std::string text(
      static_cast<std::size_t>(std::ftell(file) < 0 ? 0 : lseek(fileno(file), 0, SEEK_END)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST_CASE("A JSON log line is one object whatever its fields hold", "[common][log]") {
  const auto text = printed_by([] {
    start_logging("lbd", {.format = LogFormat::Json});
    Log{"lb.health"}.warn("endpoint is out", {{"endpoint", "10.0.0.21:8080"},
                                              {"reason", "a \"quoted\"\nline"},
                                              {"failures", 3},
                                              {"panic", false}});
  });
  REQUIRE(text.ends_with("\n"));
  REQUIRE(text.find('\n') == text.size() - 1);
  const auto line = boost::json::parse(text).as_object();
  CHECK(line.at("app") == "lbd");
  CHECK(line.at("level") == "warning");
  CHECK(line.at("room") == "lb.health");
  CHECK(line.at("msg") == "endpoint is out");
  CHECK(line.at("reason") == "a \"quoted\"\nline");
  CHECK(line.at("failures") == 3);
  CHECK(line.at("panic") == false);
}

TEST_CASE("A console line names its room and puts fields at the end", "[common][log]") {
  const auto text = printed_by([] {
    start_logging("lbd", {.format = LogFormat::Console});
    Log{"lb.health"}.info("endpoint is out", {{"endpoint", "a:1"}, {"reason", "two words"}});
    Log{"lb.health"}.debug("not shown");
  });
  CHECK(text.ends_with("lb.health: endpoint is out endpoint=a:1 reason=\"two words\"\n"));
}

}  // namespace
}  // namespace common
