#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace common {

enum class LogFormat { Console, Json };
enum class LogLevel { Debug, Info, Warn, Error };

struct LogOptions {
  LogFormat format{LogFormat::Json};
  LogLevel level{LogLevel::Info};
};

/// A named value of one log line: a member of its own in JSON, `key=value` at the end on a console.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view k, std::string_view v) : key{k}, value{v} {}
  LogField(std::string_view k, const std::string& v) : key{k}, value{std::string_view{v}} {}
  LogField(std::string_view k, const char* v) : key{k}, value{std::string_view{v}} {}
  LogField(std::string_view k, bool v) : key{k}, value{v} {}
  LogField(std::string_view k, double v) : key{k}, value{v} {}
  LogField(std::string_view k, std::signed_integral auto v) : key{k}, value{std::int64_t{v}} {}
  LogField(std::string_view k, std::unsigned_integral auto v) : key{k}, value{std::uint64_t{v}} {}

  std::string_view key;
  Value value;
};

/// Sets up logging to standard output for the whole process; once, first thing in `main`. Before
/// it, logging goes to a console at level info.
void start_logging(std::string_view app, const LogOptions& options);

/// At any time, from any thread.
void set_log_level(LogLevel level);
LogLevel log_level();

/// A room's voice: `constinit` friendly, cheap, thread-safe. Messages are whole phrases; what
/// varies goes into fields. `Log{"lb.health"}.warn("endpoint is out", {{"endpoint", name},
/// {"reason", why}});`
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  explicit constexpr Log(std::string_view room) : room_{room} {}

  void debug(std::string_view message, Fields fields = {}) const {
    write(LogLevel::Debug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    write(LogLevel::Info, message, fields);
  }
  void warn(std::string_view message, Fields fields = {}) const {
    write(LogLevel::Warn, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) const {
    write(LogLevel::Error, message, fields);
  }

 private:
  void write(LogLevel level, std::string_view message, Fields fields) const;

  std::string_view room_;  // a literal
};

}  // namespace common
