#include "lb/ctl/render.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lb::ctl {
namespace {

using boost::json::value;
using common::array_at;
using common::flag_at;
using common::joined;
using common::json_at;
using common::number_at;
using common::Paint;
using common::render_problem;
using common::render_table;
using common::text_at;

std::string amount(double number) {
  if (number >= 1e9) return fmt::format("{:.1f}G", number / 1e9);
  if (number >= 1e6) return fmt::format("{:.1f}M", number / 1e6);
  if (number >= 1e4) return fmt::format("{:.1f}k", number / 1e3);
  if (number >= 100 || number == std::floor(number)) return fmt::format("{:.0f}", number);
  return fmt::format("{:.1f}", number);
}

std::string milliseconds(const value& from, std::string_view pointer) {
  const auto* const found = json_at(from, pointer);
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
  const auto* const reload = json_at(status, "/process/last_reload");
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

std::string render_status(const value& status, const Paint& paint) {
  std::string out = process_lines(status, paint) + rate_lines(status);
  for (const auto& listener : array_at(status, "/listeners"))
    out += "listening on " +
           joined({text_at(listener, "/address"), text_at(listener, "/name")}, " ") +
           fmt::format(" · {} requests\n", amount(number_at(listener, "/requests")));
  const auto* const upstreams = json_at(status, "/upstreams");
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

std::string render_certificates(const value& certificates, const Paint& paint) {
  constexpr double kSoon = 14;
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"SHOWN BY", "NAMES", "KEY", "ISSUER", "EXPIRES", "DAYS", "STAPLED", "FILE"});
  for (auto& title : rows.front()) title = paint.dim(title);
  for (const auto& one : array_at(certificates, "")) {
    std::string names;
    for (const auto& name : array_at(one, "/names"))
      names += (names.empty() ? "" : " ") + std::string{name.as_string()};
    const auto days = number_at(one, "/days_left");
    const auto left = fmt::format("{:.0f}", days);
    const auto upstream = text_at(one, "/upstream");
    const auto owner = upstream.empty() ? text_at(one, "/listener") : "upstream " + upstream;
    rows.push_back({owner, names, text_at(one, "/key"), text_at(one, "/issuer"),
                    text_at(one, "/not_after").substr(0, 10),
                    days < 0       ? paint.bad(left)
                    : days < kSoon ? paint.warn(left)
                                   : left,
                    flag_at(one, "/stapled") ? "yes" : "no", paint.dim(text_at(one, "/file"))});
  }
  return rows.size() == 1 ? "no certificate is in use\n" : render_table(rows, "");
}

std::string render_sessions(const value& sessions, const Paint& paint) {
  std::string out = amount(number_at(sessions, "/total")) + " client connections";
  const auto* const states = json_at(sessions, "/by_state");
  std::string separator = ": ";
  if (states != nullptr && states->is_object())
    for (const auto& [state, count] : states->get_object()) {
      out += separator + fmt::format("{} {}", count.to_number<std::uint64_t>(), std::string{state});
      separator = ", ";
    }
  out += '\n';
  if (!flag_at(sessions, "/complete"))
    out += paint.warn("a worker had no time to answer: there are more") + '\n';
  std::vector<std::vector<std::string>> rows{
      {"CLIENT", "STATE", "FOR", "REQUESTS", "SENT", "REQUEST", "ENDPOINT"}};
  for (auto& title : rows.front()) title = paint.dim(title);
  for (const auto& session : array_at(sessions, "/longest"))
    rows.push_back({text_at(session, "/client"), text_at(session, "/state"),
                    milliseconds(session, "/lasts_ms"), amount(number_at(session, "/requests")),
                    amount(number_at(session, "/bytes_sent")),
                    joined({text_at(session, "/method"),
                            text_at(session, "/host") + text_at(session, "/path")},
                           " "),
                    joined({text_at(session, "/upstream"), text_at(session, "/endpoint")}, "/")});
  return rows.size() > 1 ? out + render_table(rows, "") : out;
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

}  // namespace lb::ctl
