#include "lb/telemetry/access_log.hpp"

#include "common/json_text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace lb::telemetry {
namespace {

double seconds(common::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

AccessLog::AccessLog(const AccessLogOptions& options) {
  if (!options.enabled) return;
  if (options.file.empty()) {
    descriptor_ = STDOUT_FILENO;
  } else {
    descriptor_ = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor_ < 0)
      throw std::system_error{errno, std::generic_category(), "access log " + options.file};
    owned_ = true;
  }
  lines_.reserve(kFlushAt + 4096);
}

AccessLog::~AccessLog() {
  flush();
  if (owned_) ::close(descriptor_);
}

void AccessLog::add(const AccessRecord& record) {
  const auto text = [this](std::string_view name, std::string_view value) {
    lines_.append(",\"").append(name).append("\":");
    common::append_json_string(lines_, value, kLongestField);
  };
  const auto now = common::wall_now();
  fmt::format_to(std::back_inserter(lines_), R"({{"time":"{:%FT%T}.{:06}Z")", now,
                 now.time_since_epoch().count() % 1'000'000);
  text("client", record.client.to_string());
  text("method", record.method);
  text("host", record.host);
  text("target", record.target);
  fmt::format_to(
      std::back_inserter(lines_),
      R"(,"status":{},"received_bytes":{},"sent_bytes":{},"duration_s":{:.6f},"first_byte_s":{:.6f})",
      record.status, record.received_bytes, record.sent_bytes, seconds(record.duration),
      seconds(record.until_first_byte));
  text("upstream", record.upstream);
  text("endpoint", record.endpoint);
  fmt::format_to(std::back_inserter(lines_), R"(,"retries":{})", record.retries);
  text("request_id", record.request_id);
  if (!record.error.empty()) text("error", record.error);
  lines_ += "}\n";
  if (lines_.size() >= kFlushAt) flush();
}

void AccessLog::flush() {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const auto written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  lines_.clear();
}

}  // namespace lb::telemetry
