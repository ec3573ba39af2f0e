#include "common/log.hpp"

#include "common/log_waiting.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
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

/// Standard output as a pipe that is read when the test likes.
class OutputPipe {
 public:
  OutputPipe() {
    std::fflush(stdout);
    REQUIRE(pipe2(ends_.data(), O_CLOEXEC) == 0);
    REQUIRE(fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
    dup2(ends_[1], STDOUT_FILENO);
    close(ends_[1]);
  }
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;
  ~OutputPipe() {
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
    close(ends_[0]);
  }

  /// What is in it.
  std::string text() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = read(ends_[0], part.data(), part.size())) > 0;)
      all.append(part.data(), static_cast<std::size_t>(size));
    return all;
  }

 private:
  int kept_{dup(STDOUT_FILENO)};
  std::array<int, 2> ends_{};
};

std::ptrdiff_t lines_in(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST_CASE("Who does not wait for a reader loses lines, and says how many", "[common][log]") {
  constexpr std::ptrdiff_t kMoreThanAPipeHolds = 4000;
  std::string before;
  std::string after;
  {
    const OutputPipe output;
    log_without_waiting();
    start_logging("vrrpd", {.format = LogFormat::Console});
    for (std::ptrdiff_t i = 0; i < kMoreThanAPipeHolds; ++i)
      Log{"vrrp"}.info("a line", {{"reason", "of which there are many"}});
    before = output.text();
    Log{"vrrp"}.info("read again");
    after = output.text();
  }
  const auto read = lines_in(before);
  CHECK(read > 0);
  CHECK(read < kMoreThanAPipeHolds);
  CHECK(before.ends_with("many\"\n"));  // no line is torn
  const auto told = fmt::format("W log: lines were lost, nobody read them in time lines={}\n",
                                kMoreThanAPipeHolds - read);
  CHECK(after.find(told) != after.npos);
  CHECK(after.ends_with("vrrp: read again\n"));
}

TEST_CASE("A line longer than a pipe takes at once is whole for who does not wait",
          "[common][log]") {
  const std::string reason(20'000, 'x');
  std::string text;
  {
    const OutputPipe output;
    log_without_waiting();
    start_logging("vrrpd", {.format = LogFormat::Console});
    Log{"vrrp"}.info("a long line", {{"reason", reason}});
    text = output.text();
  }
  CHECK(text.ends_with(reason + "\n"));
}

}  // namespace
}  // namespace common
