#include "lb/telemetry/access_log.hpp"

#include "lb/telemetry/access_log_writer.hpp"
#include "lb/telemetry/handover.hpp"
#include "lb/telemetry/outputs.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace lb::telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kLongest{5'000};

/// A folder that goes with its test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lbd-log-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string content(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Polls: what is waited for is done by another thread.
template <class Condition>
bool comes_about(Condition condition) {
  const auto until = common::Clock::now() + kLongest;
  while (!condition()) {
    if (common::Clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

AccessRecord answered(unsigned status, common::Duration duration = milliseconds{1}) {
  return {.method = "GET", .target = "/", .status = status, .duration = duration};
}

std::size_t lines_of(const AccessLogOptions& options, const AccessRecord& record, int times) {
  Folder folder;
  auto with_file = options;
  with_file.file = folder.path / "log";
  {
    auto writer = std::make_shared<AccessLogWriter>(with_file, std::make_shared<ControlCounters>());
    AccessLog log{writer, with_file, std::make_shared<WorkerCounters>(), 7};
    for (int i = 0; i < times; ++i) log.add(record);
  }
  const auto text = content(folder.path / "log");
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("A line tells an exchange and its phases", "[lb][telemetry]") {
  std::string line;
  append_access_line(line,
                     {.client = common::IpAddress::v4(0x7F000001),
                      .listener = "web",
                      .version = "1.0",
                      .method = "GET",
                      .host = "a\"b",
                      .target = "/\xFF" + std::string(600, 'x'),
                      .status = 200,
                      .received_bytes = 3,
                      .sent_bytes = 4,
                      .duration = microseconds{12'000'345},
                      .queueing = microseconds{1},
                      .connecting = microseconds{20},
                      .until_first_byte = microseconds{300'000},
                      .route = "api",
                      .request_id = "r",
                      .trace_id = "t"},
                     "now");
  CHECK(line.starts_with(R"({"time":"now","client":"127.0.0.1","listener":"web",)"
                         R"("protocol":"HTTP/1.0","method":"GET","host":"a\"b","target":"/)"
                         "\xEF\xBF\xBD"
                         "xxx"));
  CHECK(line.ends_with(
      R"(x","status":200,"received_bytes":3,"sent_bytes":4,"duration_s":12.000345,)"
      R"("queue_s":0.000001,"connect_s":0.000020,"first_byte_s":0.300000,"route":"api",)"
      R"("upstream":"","endpoint":"","retries":0,"request_id":"r","trace_id":"t"})"
      "\n"));
  CHECK(line.size() < 1'000);
}

TEST_CASE("The log's clock goes on within a second and over it", "[lb][telemetry]") {
  LogClock clock;
  const common::WallTime begin{std::chrono::seconds{1'700'000'000}};
  CHECK(clock.text(begin) == "2023-11-14T22:13:20.000000Z");
  CHECK(clock.text(begin + microseconds{42}) == "2023-11-14T22:13:20.000042Z");
  CHECK(clock.text(begin + microseconds{1'999'999}) == "2023-11-14T22:13:21.999999Z");
  CHECK(clock.text(begin) == "2023-11-14T22:13:20.000000Z");
}

TEST_CASE("A sample leaves out what went well, never what failed or took long", "[lb][telemetry]") {
  AccessLogOptions options;
  options.sample = 0;
  CHECK(lines_of(options, answered(200), 50) == 0);
  CHECK(lines_of(options, answered(404), 50) == 50);
  CHECK(lines_of(options, answered(200, milliseconds{1'000}), 50) == 50);
  auto cut = answered(200);
  cut.error = "answer_cut";
  CHECK(lines_of(options, cut, 50) == 50);
  options.sample = 0.25;
  const auto some = lines_of(options, answered(200), 10'000);
  CHECK(some > 2'200);
  CHECK(some < 2'800);
}

TEST_CASE("A writer that is not listening costs lines that are counted", "[lb][telemetry]") {
  Handover<std::string> queue{2};
  std::string text = "a";
  CHECK(queue.try_push(text));
  CHECK(text.empty());
  text = "b";
  CHECK(queue.try_push(text));
  text = "c";
  CHECK_FALSE(queue.try_push(text));
  CHECK(text == "c");
  CHECK(queue.take(kLongest) == std::vector<std::string>{"a", "b"});
  CHECK(queue.try_push(text));
  queue.close();
  text = "d";
  CHECK_FALSE(queue.try_push(text));
  CHECK(queue.take(kLongest).size() == 1);
}

TEST_CASE("Who ends while the writer looks at its queue loses no line", "[lb][telemetry]") {
  AccessLogOptions options;
  options.sample = 1;
  for (int i = 0; i < 200; ++i) REQUIRE(lines_of(options, answered(200), 1) == 1);
}

TEST_CASE("Lines that cannot be written are counted, and the log recovers", "[lb][telemetry]") {
  AccessLogOptions options;
  options.file = "/dev/full";
  const auto lost = std::make_shared<ControlCounters>();
  {
    auto writer = std::make_shared<AccessLogWriter>(options, lost);
    AccessLog log{writer, options, std::make_shared<WorkerCounters>(), 1};
    for (int i = 0; i < 5; ++i) log.add(answered(200));
  }
  CHECK(lost->access_log_lost.value() == 5);
}

TEST_CASE("A file that was moved away is opened anew", "[lb][telemetry]") {
  Folder folder;
  AccessLogOptions options;
  options.file = folder.path / "log";
  const auto counters = std::make_shared<ControlCounters>();
  auto outputs = make_outputs({}, options, {}, counters);
  REQUIRE(outputs.access_log);
  AccessLog log{outputs.access_log, options, std::make_shared<WorkerCounters>(), 1};
  // As a worker does it: again when the writer was just looking at its queue.
  const auto is_written = [&] {
    log.flush();
    return !content(folder.path / "log").empty();
  };
  log.add(answered(200));
  CHECK(comes_about(is_written));
  std::filesystem::rename(folder.path / "log", folder.path / "log.1");
  outputs = make_outputs(outputs, options, {}, counters);
  CHECK(comes_about([&] { return std::filesystem::exists(folder.path / "log"); }));
  log.add(answered(404));
  CHECK(comes_about(is_written));
  CHECK(content(folder.path / "log.1").find("\"status\":404") == std::string::npos);

  options.file = folder.path / "other";
  const auto before = outputs.access_log;
  outputs = make_outputs(outputs, options, {}, counters);
  CHECK(outputs.access_log != before);
  options.enabled = false;
  CHECK_FALSE(make_outputs(outputs, options, {}, counters).access_log);
  options.enabled = true;
  options.file = folder.path / "no/such/folder";
  CHECK_THROWS_AS(make_outputs(outputs, options, {}, counters), std::system_error);
}

}  // namespace lb::telemetry
