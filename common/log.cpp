#include "common/log.hpp"

#include "common/build_info.hpp"
#include "common/json_text.hpp"
#include "common/log_waiting.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace common {
namespace {

LogFormat format_in_use = LogFormat::Console;  // written once, before threads
bool waits_for_reader = true;                  // as well

constexpr std::array kLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                             spdlog::level::err};

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string plain(const LogField::Value& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

std::string json_payload(std::string_view room, std::string_view message, Log::Fields fields) {
  std::string out = "\"room\":";
  append_json_string(out, room);
  out += ",\"msg\":";
  append_json_string(out, message);
  for (const auto& field : fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      append_json_string(out, *text);
    else
      out += plain(field.value);
  }
  return out;
}

std::string console_payload(std::string_view room, std::string_view message, Log::Fields fields) {
  std::string out = fmt::format("{}: {}", room, message);
  for (const auto& field : fields) {
    out += fmt::format(" {}=", field.key);
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text != nullptr && text->find_first_of(" \"\\\n\r\t") != std::string_view::npos)
      append_json_string(out, *text);
    else
      out += plain(field.value);
  }
  return out;
}

std::string payload_of(std::string_view room, std::string_view message, Log::Fields fields) {
  return format_in_use == LogFormat::Json ? json_payload(room, message, fields)
                                          : console_payload(room, message, fields);
}

/// Standard output that nobody waits for.
class ImpatientSink : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (torn_ && !put("\n")) return lose();
    torn_ = false;
    if (lost_ != 0 && !tell_lost(message.logger_name)) return lose();
    if (!put_line(message)) lose();
  }
  void flush_() override {}

 private:
  /// What a pipe takes at once when poll(2) says that it takes anything; a socket takes more.
  static constexpr std::size_t kPart = PIPE_BUF;

  void lose() { ++lost_; }

  bool tell_lost(spdlog::string_view_t app) {
    const auto payload =
        payload_of("log", "lines were lost, nobody read them in time", {{"lines", lost_}});
    const bool told = put_line({app, spdlog::level::warn, payload});
    if (told) lost_ = 0;
    return told;
  }

  bool put_line(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return put({line.data(), line.size()});
  }

  /// False when there is no room, perhaps after a part of it.
  bool put(std::string_view text) {
    const auto whole = text.size();
    while (!text.empty()) {
      pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      if (::poll(&output, 1, 0) <= 0) break;
      const auto written = ::write(STDOUT_FILENO, text.data(), std::min(text.size(), kPart));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (!text.empty() && text.size() != whole) torn_ = true;
    return text.empty();
  }

  std::uint64_t lost_{0};
  bool torn_{false};  // a line ended in its middle
};

spdlog::sink_ptr make_sink() {
  if (waits_for_reader) return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  return std::make_shared<ImpatientSink>();
}

}  // namespace

void log_without_waiting() { waits_for_reader = false; }

void start_logging(std::string_view app, const LogOptions& options) {
  format_in_use = options.format;
  auto logger = std::make_shared<spdlog::logger>(std::string{app}, make_sink());
  if (options.format == LogFormat::Json) {
    std::string head = R"({"ts":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","app":)";
    append_json_string(head, app);
    head += ",\"host\":";
    append_json_string(head, host_name());
    head += ",\"ver\":";
    append_json_string(head, kVersion);
    logger->set_pattern(head + ",%v}", spdlog::pattern_time_type::utc);
  } else {
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v", spdlog::pattern_time_type::local);
  }
  logger->set_level(kLevels.at(static_cast<std::size_t>(options.level)));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(LogLevel level) {
  spdlog::default_logger_raw()->set_level(kLevels.at(static_cast<std::size_t>(level)));
}

LogLevel log_level() {
  const auto* const found =
      std::find(kLevels.begin(), kLevels.end(), spdlog::default_logger_raw()->level());
  return found == kLevels.end() ? LogLevel::Info : static_cast<LogLevel>(found - kLevels.begin());
}

void Log::write(LogLevel level, std::string_view message, Fields fields) const {
  const auto spdlog_level = kLevels.at(static_cast<std::size_t>(level));
  auto* const logger = spdlog::default_logger_raw();
  if (!logger->should_log(spdlog_level)) return;
  const auto payload = payload_of(room_, message, fields);
  logger->log(spdlog_level, std::string_view{payload});
}

}  // namespace common
