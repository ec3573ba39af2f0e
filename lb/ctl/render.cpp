#include "lb/ctl/render.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lb::ctl {
namespace {

using boost::json::value;

const value* find(const value& from, std::string_view pointer) {
  boost::system::error_code error;
  return from.find_pointer({pointer.data(), pointer.size()}, error);
}

/// 2 for wide East Asian letters (UAX #11, the blocks that occur here), else 1.
std::size_t columns_of(std::uint32_t letter) {
  const bool wide =
      (letter >= 0x1100 && letter <= 0x115F) || (letter >= 0x2E80 && letter <= 0xA4CF) ||
      (letter >= 0xAC00 && letter <= 0xD7A3) || (letter >= 0xF900 && letter <= 0xFAFF) ||
      (letter >= 0xFE30 && letter <= 0xFE6F) || (letter >= 0xFF00 && letter <= 0xFF60);
  return wide ? 2 : 1;
}

std::string amount(double number) {
  if (number >= 1e9) return fmt::format("{:.1f}G", number / 1e9);
  if (number >= 1e6) return fmt::format("{:.1f}M", number / 1e6);
  if (number >= 1e4) return fmt::format("{:.1f}k", number / 1e3);
  if (number >= 100 || number == std::floor(number)) return fmt::format("{:.0f}", number);
  return fmt::format("{:.1f}", number);
}

std::string milliseconds(const value& from, std::string_view pointer) {
  const auto* const found = find(from, pointer);
  if (found == nullptr || found->is_null()) return "-";
  const double ms = number_at(from, pointer);
  return ms >= 1000 ? fmt::format("{:.2f} s", ms / 1000) : fmt::format("{:.1f} ms", ms);
}

std::string span(double seconds) {
  if (seconds >= 86400) return fmt::format("{:.0f} d", std::floor(seconds / 86400));
  if (seconds >= 3600) return fmt::format("{:.0f} h", std::floor(seconds / 3600));
  if (seconds >= 60) return fmt::format("{:.0f} min", std::floor(seconds / 60));
  return fmt::format("{:.0f} s", seconds);
}

/// The time of day of an RFC 3339 timestamp, as it is: UTC.
std::string clock(const std::string& time) { return time.size() >= 19 ? time.substr(11, 8) : ""; }

std::string painted(const std::string& state, const Paint& paint) {
  if (state == "up") return paint.good(state);
  if (state == "unchecked") return state;
  return state == "draining" ? paint.warn(state) : paint.bad(state);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

std::string reason_of(const value& endpoint) {
  const auto check = text_at(endpoint, "/reason/last_check");
  const auto detail = text_at(endpoint, "/reason/detail");
  const auto row = std::max(number_at(endpoint, "/reason/failed_in_row"),
                            number_at(endpoint, "/reason/passed_in_row"));
  std::string checked = check.empty() ? "" : "check " + check;
  if (!detail.empty()) checked += ": " + detail;
  if (!check.empty() && row > 1) checked += fmt::format(" ({} in a row)", amount(row));
  const auto until = clock(text_at(endpoint, "/reason/ejected_until"));
  const auto error = text_at(endpoint, "/reason/last_error");
  return joined(
      {checked, until.empty() ? "" : "until " + until, error.empty() ? "" : "last error " + error},
      "; ");
}

std::string tags_of(const value& endpoint) {
  const auto name = text_at(endpoint, "/name");
  const auto address = text_at(endpoint, "/address");
  const auto source = text_at(endpoint, "/source");
  const auto tier = number_at(endpoint, "/tier");
  return joined({name == address ? "" : address, flag_at(endpoint, "/backup") ? "backup" : "",
                 tier > 0 && !flag_at(endpoint, "/backup") ? fmt::format("tier {}", tier) : "",
                 source == "configuration" ? "" : source},
                ", ");
}

std::string process_lines(const value& status, const Paint& paint) {
  const bool draining = flag_at(status, "/process/draining");
  const auto state = draining                            ? paint.warn("draining")
                     : flag_at(status, "/process/ready") ? paint.good("ready")
                                                         : paint.bad("not ready");
  std::string out =
      joined({paint.bold("lbd " + text_at(status, "/process/version")), state,
              "up " + span(number_at(status, "/process/uptime_seconds")),
              fmt::format("{} workers", number_at(status, "/process/workers")),
              fmt::format("pid {}", number_at(status, "/process/pid")),
              fmt::format("configuration {} {}", number_at(status, "/process/generation"),
                          text_at(status, "/process/config_file"))},
             " · ") +
      '\n';
  for (const auto& reason : array_at(status, "/process/not_ready"))
    out += "  " + paint.bad(text_at(reason, "")) + '\n';
  const auto* const reload = find(status, "/process/last_reload");
  if (reload == nullptr || reload->is_null()) return out;
  const auto at = clock(text_at(*reload, "/at"));
  if (flag_at(*reload, "/successful")) return out + "last reload " + at + '\n';
  return out + paint.bad("last reload refused") + ' ' + at + '\n' + render_problem(*reload, paint);
}

std::string rate_lines(const value& status) {
  const double requests = number_at(status, "/rates/requests_per_second");
  const double failed = number_at(status, "/rates/answers_per_second/5xx");
  return fmt::format(
      "{} requests/s · 5xx {:.2f} % · p50 {} · p95 {} · p99 {}\n"
      "{} in flight · {} connections · {} upstream · {} retries/s · {} refused/s\n",
      amount(requests), requests > 0 ? 100 * failed / requests : 0,
      milliseconds(status, "/rates/p50_ms"), milliseconds(status, "/rates/p95_ms"),
      milliseconds(status, "/rates/p99_ms"), amount(number_at(status, "/rates/requests_now")),
      amount(number_at(status, "/rates/client_connections_now")),
      amount(number_at(status, "/rates/upstream_connections_now")),
      amount(number_at(status, "/rates/retries_per_second")),
      amount(number_at(status, "/rates/refused_per_second")));
}

}  // namespace

std::string Paint::wrapped(const char* code, std::string_view text) const {
  if (!colour || text.empty()) return std::string{text};
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string render_status(const value& status, const Paint& paint) {
  std::string out = process_lines(status, paint) + rate_lines(status);
  for (const auto& listener : array_at(status, "/listeners"))
    out += "listening on " +
           joined({text_at(listener, "/address"), text_at(listener, "/name")}, " ") +
           fmt::format(" · {} requests\n", amount(number_at(listener, "/requests")));
  const auto* const upstreams = find(status, "/upstreams");
  if (upstreams != nullptr) out += render_upstreams(*upstreams, paint);
  return out;
}

std::string render_upstreams(const value& upstreams, const Paint& paint) {
  std::string out;
  for (const auto& upstream : array_at(upstreams, "")) {
    const auto& endpoints = array_at(upstream, "/endpoints");
    const auto usable = number_at(upstream, "/usable");
    const auto share = fmt::format("{}/{} usable", usable, endpoints.size());
    const auto all = static_cast<double>(endpoints.size());
    const auto length = number_at(upstream, "/queue_length");
    out += '\n' +
           joined({paint.bold(text_at(upstream, "/name")),
                   usable == 0    ? paint.bad(share)
                   : usable < all ? paint.warn(share)
                                  : share,
                   flag_at(upstream, "/panic") ? paint.bad("panic: all are used") : "",
                   text_at(upstream, "/policy"),
                   length > 0 ? fmt::format("queue {}/{}", number_at(upstream, "/queued"), length)
                              : ""},
                  " · ") +
           '\n';
    std::vector<std::vector<std::string>> rows;
    rows.push_back(
        {"ENDPOINT", "STATE", "WEIGHT", "IN FLIGHT", "LATENCY", "ANSWERED", "FAILED", "WHY"});
    for (auto& title : rows.front()) title = paint.dim(title);
    for (const auto& endpoint : endpoints) {
      const auto most = number_at(endpoint, "/max_connections");
      const auto running = number_at(endpoint, "/in_flight");
      rows.push_back(
          {joined({text_at(endpoint, "/name"), paint.dim(tags_of(endpoint))}, " "),
           painted(text_at(endpoint, "/state"), paint), amount(number_at(endpoint, "/weight")),
           most > 0 ? fmt::format("{}/{}", running, most) : amount(running),
           milliseconds(endpoint, "/latency_ms"), amount(number_at(endpoint, "/answered")),
           amount(number_at(endpoint, "/failed")), paint.dim(reason_of(endpoint))});
    }
    out += render_table(rows, "  ");
  }
  return out;
}

std::string render_errors(const value& errors, const Paint& paint, std::size_t most) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& error : array_at(errors, "")) {
    if (rows.size() == most) break;
    const auto status = number_at(error, "/status");
    rows.push_back(
        {clock(text_at(error, "/at")), status > 0 ? paint.bad(amount(status)) : "-",
         text_at(error, "/error"),
         joined({text_at(error, "/method"), text_at(error, "/host") + text_at(error, "/path")},
                " "),
         joined({text_at(error, "/upstream"), text_at(error, "/endpoint")}, "/"),
         paint.dim(text_at(error, "/request_id"))});
  }
  return rows.empty() ? "no errors on record\n" : render_table(rows, "");
}

std::string render_problem(const value& problem, const Paint& paint) {
  std::string out;
  const auto detail = text_at(problem, "/detail");
  if (!detail.empty()) out += detail + '\n';
  for (const auto& fault : array_at(problem, "/faults"))
    out += "  " + text_at(fault, "/where") + ": " + paint.bad(text_at(fault, "/wrong")) +
           ", expected " + text_at(fault, "/right") + '\n';
  return out;
}

std::string render_table(const std::vector<std::vector<std::string>>& rows,
                         std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    out += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0x1B) {
      while (i < text.size() && text[i] != 'm') ++i;
      ++i;
      continue;
    }
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t letter = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      letter = (letter << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    width += columns_of(letter);
    i += length;
  }
  return width;
}

std::string text_at(const value& from, std::string_view pointer) {
  const auto* const found = find(from, pointer);
  if (found == nullptr || !found->is_string()) return {};
  std::string out;
  for (const char c : found->get_string())
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out;
}

double number_at(const value& from, std::string_view pointer) {
  const auto* const found = find(from, pointer);
  if (found == nullptr || !found->is_number()) return 0;
  boost::system::error_code error;
  return found->to_number<double>(error);
}

bool flag_at(const value& from, std::string_view pointer) {
  const auto* const found = find(from, pointer);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const boost::json::array& array_at(const value& from, std::string_view pointer) {
  static const boost::json::array kNone;
  const auto* const found = find(from, pointer);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

}  // namespace lb::ctl
