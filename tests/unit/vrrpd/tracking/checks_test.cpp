#include "common/time.hpp"
#include "tests/support/catch.hpp"
#include "vrrpd/programs/helper.hpp"
#include "vrrpd/programs/runner.hpp"
#include "vrrpd/tracking/file_check.hpp"
#include "vrrpd/tracking/track_set.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::tracking {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class Folder {
 public:
  Folder() : path_{std::filesystem::temp_directory_path() / "vrrpd-tracks-XXXXXX"} {
    auto name = path_.string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One track of its own, run until `wanted` is its verdict.
class Bench {
 public:
  explicit Bench(Target target, programs::Runner* programs = nullptr)
      : tracks_{context, programs, [this](const Track&) { context.stop(); }} {
    tracks_.set({{.name = "one",
                  .target = std::move(target),
                  .interval = 10ms,
                  .timeout = 5s,
                  .hysteresis = {1, 1}}},
                Track::Unknown::Down);
  }
  bool becomes(bool wanted) {
    const auto end = common::Clock::now() + 10s;
    while (common::Clock::now() < end && !(track().known() && track().up() == wanted)) {
      context.restart();
      context.run_for(1s);
    }
    return track().known() && track().up() == wanted;
  }
  const Track& track() const { return tracks_.tracks().front(); }

  asio::io_context context;

 private:
  TrackSet tracks_;
};

TEST_CASE("A weight is a whole number within what a priority can change by", "[vrrp][tracking]") {
  CHECK(weight_in("50\n") == 50);
  CHECK(weight_in(" -254 ") == -254);
  CHECK(weight_in("+7") == 7);
  for (const auto* wrong : {"", "\n", "255", "-255", "1 2", "ten", "1.5", "--1", "99999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(weight_in(wrong));
  }
}

TEST_CASE("A file is followed as its number changes", "[vrrp][tracking]") {
  const Folder folder;
  const auto path = folder.path() / "weight";
  Bench bench{FileTarget{path}};
  CHECK(bench.becomes(false));
  std::ofstream{path} << "-30\n";
  CHECK(bench.becomes(true));
  CHECK(bench.track().weight() == -30);
}

TEST_CASE("A listening port is good, a closed one is not", "[vrrp][tracking]") {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  Bench bench{TcpTarget{{common::IpAddress::v4(0x7F000001), acceptor.local_endpoint().port()}}};
  CHECK(bench.becomes(true));
  acceptor.close();
  CHECK(bench.becomes(false));
}

TEST_CASE("The loopback interface is up, one that is not there is down", "[vrrp][tracking]") {
  CHECK(Bench{InterfaceTarget{"lo"}}.becomes(true));
  CHECK(Bench{InterfaceTarget{"not-here"}}.becomes(false));
}

TEST_CASE("The end of a process is told without asking", "[vrrp][tracking]") {
  const Folder folder;
  const auto path = folder.path() / "pid";
  const auto child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  std::ofstream{path} << child << '\n';
  Bench bench{ProcessTarget{"", path}};
  CHECK(bench.becomes(true));
  ::kill(child, SIGKILL);
  CHECK(bench.becomes(false));
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("A process is found by its name", "[vrrp][tracking]") {
  CHECK(Bench{ProcessTarget{"vrrpd_tests", ""}}.becomes(true));
  CHECK(Bench{ProcessTarget{"no-such-process", ""}}.becomes(false));
}

TEST_CASE("A program's exit status is the verdict", "[vrrp][tracking]") {
  auto helper = programs::start_helper("nobody");
  REQUIRE(helper.has_value());
  const bool good = GENERATE(true, false);
  asio::io_context context;
  programs::Runner runner{context, std::move(*helper)};
  std::optional<bool> up;
  TrackSet tracks{context, &runner, [&](const Track& track) {
                    up = track.up();
                    context.stop();
                  }};
  tracks.set({{.name = "script", .target = ScriptTarget{{good ? "/bin/true" : "/bin/false"}}}},
             Track::Unknown::Down);
  context.run_for(10s);
  CHECK(up == good);
}

TEST_CASE("Without the helper a script is bad", "[vrrp][tracking]") {
  CHECK(Bench{ScriptTarget{{"/bin/true"}}}.becomes(false));
}

TEST_CASE("A reload keeps what a track has found out", "[vrrp][tracking]") {
  asio::io_context context;
  TrackSet tracks{context, nullptr, [&](const Track&) { context.stop(); }};
  const TrackOptions lo{.name = "lo", .target = InterfaceTarget{"lo"}};
  const TrackOptions other{.name = "other", .target = InterfaceTarget{"not-here"}};
  tracks.set({lo}, Track::Unknown::Down);
  context.run_for(10s);
  REQUIRE(tracks.tracks()[0].up());
  tracks.set({other, lo}, Track::Unknown::Up);
  REQUIRE(tracks.tracks().size() == 2);
  CHECK_FALSE(tracks.tracks()[0].known());
  CHECK(tracks.tracks()[1].known());
  context.restart();
  context.run_for(10s);
  CHECK_FALSE(tracks.tracks()[0].up());
  tracks.set({}, Track::Unknown::Up);
  CHECK(tracks.tracks().empty());
}

}  // namespace
}  // namespace vrrp::tracking
