#include "scripts/strobe/measure/record.hpp"

#include "common/json_text.hpp"

#include <array>
#include <fmt/format.h>

namespace strobe::measure {

std::string_view name(Failure failure) {
  static constexpr std::array<std::string_view, kFailures> kNames{
      "",    "refused",      "reset", "closed",         "timeout",  "unreachable", "4xx",
      "5xx", "bad-response", "tls",   "tls-distrusted", "overload", "other"};
  return kNames.at(static_cast<std::size_t>(failure));
}

namespace {

std::string quoted_or_null(std::string_view text) {
  if (text.empty()) return "null";
  std::string quoted;
  common::append_json_string(quoted, text);
  return quoted;
}

}  // namespace

std::string to_json_line(const Record& record) {
  std::string more;
  if (record.handshake > common::Duration{0}) {
    const std::chrono::duration<double, std::milli> length{record.handshake};
    more = fmt::format(R"(,"handshake_ms":{:.3f})", length.count());
  }
  if (!record.reason.empty()) more += R"(,"reason":)" + quoted_or_null(record.reason);
  return fmt::format(
      R"({{"n":{},"t":{:.3f},"kind":"{}","status":{},"ms":{:.3f},"error":{},"attempts":{},"number":{}{}}})"
      "\n",
      record.n, record.scheduled_ms, record.kind,
      record.status == 0 ? "null" : std::to_string(record.status),
      static_cast<double>(record.latency.count()) / 1000.0, quoted_or_null(name(record.failure)),
      record.attempts, quoted_or_null(record.number), more);
}

}  // namespace strobe::measure
