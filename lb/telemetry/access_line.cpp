#include "common/json_text.hpp"
#include "lb/telemetry/access_log.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace lb::telemetry {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

void add_text(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  common::append_json_string(out, value, kLongestField);
}

/// What may be empty is then left out.
void add_if_any(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) add_text(out, name, value);
}

void add_number(std::string& out, std::string_view name, std::uint64_t value) {
  const fmt::format_int text{value};
  out.append(name).append(text.data(), text.size());
}

void add_six_digits(std::string& out, std::int64_t value) {
  char digits[6];
  for (auto* at = digits + 6; at != digits; value /= 10)
    *--at = static_cast<char>('0' + value % 10);
  out.append(digits, 6);
}

void add_seconds(std::string& out, std::string_view name, common::Duration duration) {
  const auto micros = std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
  add_number(out, name, static_cast<std::uint64_t>(micros / kMicros));
  out += '.';
  add_six_digits(out, micros % kMicros);
}

}  // namespace

std::string_view LogClock::text(common::WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != second_) {
    second_ = second;
    text_ = fmt::format("{:%FT%T}", second) + ".000000Z";
  }
  std::string micros;
  add_six_digits(micros, (now - second).count());
  text_.replace(text_.size() - 7, 6, micros);
  return text_;
}

void append_access_line(std::string& out, const AccessRecord& record, std::string_view time) {
  out.append("{\"time\":\"").append(time).append("\",\"client\":\"");
  out.append(record.client.to_string()).append("\"");
  add_text(out, ",\"listener\":", record.listener);
  out.append(",\"protocol\":\"HTTP/").append(record.version).append("\"");
  add_text(out, ",\"method\":", record.method);
  add_text(out, ",\"host\":", record.host);
  add_text(out, ",\"target\":", record.target);
  add_number(out, ",\"status\":", record.status);
  add_number(out, ",\"received_bytes\":", record.received_bytes);
  add_number(out, ",\"sent_bytes\":", record.sent_bytes);
  add_seconds(out, ",\"duration_s\":", record.duration);
  add_seconds(out, ",\"queue_s\":", record.queueing);
  add_seconds(out, ",\"connect_s\":", record.connecting);
  add_seconds(out, ",\"first_byte_s\":", record.until_first_byte);
  add_text(out, ",\"route\":", record.route);
  add_text(out, ",\"upstream\":", record.upstream);
  add_text(out, ",\"endpoint\":", record.endpoint);
  add_number(out, ",\"retries\":", record.retries);
  add_text(out, ",\"request_id\":", record.request_id);
  add_if_any(out, ",\"trace_id\":", record.trace_id);
  add_if_any(out, ",\"user_agent\":", record.user_agent);
  add_if_any(out, ",\"referer\":", record.referer);
  add_if_any(out, ",\"error\":", record.error);
  out += "}\n";
}

bool is_always_told(const AccessRecord& record, const AccessLogOptions& options) {
  return record.status >= 400 || !record.error.empty() || record.duration >= options.slow;
}

}  // namespace lb::telemetry
