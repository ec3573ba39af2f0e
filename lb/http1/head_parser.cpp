#include "lb/http1/head_parser.hpp"

#include "lb/http/characters.hpp"
#include "lb/http1/field_lines.hpp"
#include "lb/http1/persistence.hpp"

#include <optional>

namespace lb::http1 {
namespace {

constexpr std::size_t kLongestMethod = 32;
constexpr std::string_view kVersionPrefix = "HTTP/";
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0";  // its first line; RFC 9113 §3.4

/// `HTTP/1.x`; gives x, as 1 for every x above (RFC 9110 §2.5: minor versions are compatible).
Result<int> parse_version(std::string_view text, Errc malformed) {
  if (text.size() != 8 || !text.starts_with(kVersionPrefix) || !http::is(text[5], http::kDigit) ||
      text[6] != '.' || !http::is(text[7], http::kDigit))
    return malformed;
  if (text[5] != '1') return Errc::BadVersion;
  return text[7] == '0' ? 0 : 1;
}

Result<std::size_t> parse_request_line(std::string_view line, ParsedRequest& out) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Errc::BadRequestLine;
  auto& head = out.head;
  head.method_name = line.substr(0, first);
  if (head.method_name.empty() || head.method_name.size() > kLongestMethod ||
      !http::all_are(head.method_name, http::kToken))
    return Errc::BadRequestLine;
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = parse_version(line.substr(last + 1), Errc::BadRequestLine);
  if (!version) return line == kHttp2Preface ? Errc::Http2Preface : version.error();
  out.minor_version = *version;
  head.method = http::to_method(head.method_name);
  // CONNECT alone has the authority-form; that it is not served here is for the proxy to say.
  if (head.method == http::Method::Connect) {
    if (!http::is_authority(target)) return Errc::BadTarget;
    head.target = {.path = target, .query = {}, .authority = target};
    return line.size();
  }
  const auto parsed = http::parse_target(target, head.method == http::Method::Options);
  if (!parsed) return Errc::BadTarget;
  head.target = *parsed;
  return line.size();
}

Result<std::size_t> parse_status_line(std::string_view line, ParsedResponse& out) {
  // HTTP-version SP 3DIGIT [ SP reason ]: servers that leave the last blank out harm nobody.
  if (line.size() < 12 || line[8] != ' ') return Errc::BadStatusLine;
  const auto version = parse_version(line.substr(0, 8), Errc::BadStatusLine);
  if (!version) return Errc::BadStatusLine;
  out.minor_version = *version;
  const auto code = line.substr(9, 3);
  if (!http::all_are(code, http::kDigit)) return Errc::BadStatusLine;
  out.head.status =
      static_cast<unsigned>((code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] - '0');
  if (out.head.status < 100 || out.head.status > 599) return Errc::BadStatusLine;
  if (line.size() > 12 && line[12] != ' ') return Errc::BadStatusLine;
  if (!http::all_are(line.substr(12), http::kFieldValue)) return Errc::BadStatusLine;
  return line.size();
}

/// Of a line that has not ended, `arrived` octets may hold a CR yet to be followed by its LF: the
/// answer must not depend on where the octets were split.
bool is_too_long(const std::optional<Line>& line, std::size_t arrived, std::size_t limit) {
  return line ? line->text.size() > limit : arrived > limit + 1;
}

/// Field lines up to and with the empty one. 0 when it has not arrived.
Result<std::size_t> parse_fields(std::string_view octets, std::size_t at, const Limits& limits,
                                 http::Fields& fields) {
  while (true) {
    const auto found = next_line(octets, at);
    if (!found) return found.error();
    const auto& line = *found;
    if (is_too_long(line, octets.size() - at, limits.field_line)) return Errc::FieldLineTooLong;
    const auto end = line ? line->next : octets.size();
    if (end > limits.head) return Errc::HeadTooLarge;
    if (!line) return octets.size() >= limits.head ? Result<std::size_t>{Errc::HeadTooLarge} : 0U;
    if (line->text.empty()) return line->next;
    if (fields.size() == limits.fields) return Errc::TooManyFields;
    const auto field = parse_field_line(line->text);
    if (!field) return field.error();
    fields.push_back(*field);
    at = line->next;
  }
}

/// The start line, handed to `parse`, then the fields. 0 when the end has not arrived.
template <class Parse>
Result<std::size_t> parse_head(std::string_view octets, std::size_t at, const Limits& limits,
                               http::Fields& fields, Parse parse) {
  fields.clear();
  const auto found = next_line(octets, at);
  if (!found) return found.error();
  const auto& line = *found;
  if (is_too_long(line, octets.size() - at, limits.request_line)) return Errc::RequestLineTooLong;
  if (!line) return 0U;
  const auto parsed = parse(line->text);
  if (!parsed) return parsed.error();
  return parse_fields(octets, line->next, limits, fields);
}

std::optional<Errc> check_host(ParsedRequest& out) {
  auto& head = out.head;
  const http::Field* host = nullptr;
  for (const auto& field : head.fields) {
    if (field.id != http::FieldId::Host) continue;
    if (host != nullptr) return Errc::BadHost;
    host = &field;
  }
  if (host == nullptr && out.minor_version > 0) return Errc::BadHost;  // RFC 9112 §3.2
  if (host != nullptr && !http::is_authority(host->value)) return Errc::BadHost;
  if (head.target.authority)
    head.authority = *head.target.authority;  // RFC 9112 §3.2.2: Host is then ignored
  else
    head.authority = host != nullptr ? host->value : std::string_view{};
  return std::nullopt;
}

std::optional<Errc> check_expectation(ParsedRequest& out) {
  out.expects_continue = false;
  for (const auto& field : out.head.fields) {
    if (field.id != http::FieldId::Expect) continue;
    if (!http::equals_lower(field.value, "100-continue") || out.expects_continue)
      return Errc::UnknownExpectation;
    out.expects_continue = true;
  }
  // RFC 9110 §10.1.1: HTTP/1.0 clients do not know what a 100 is.
  if (out.minor_version == 0) out.expects_continue = false;
  return std::nullopt;
}

}  // namespace

Result<std::size_t> parse_request(std::string_view octets, const Limits& limits,
                                  ParsedRequest& out) {
  if (is_tls(octets)) return Errc::TlsOnPlainPort;
  // RFC 9112 §2.2: one empty line before a request line is an old client's extra CR LF.
  const std::size_t begin = octets.starts_with("\r\n") ? 2 : 0;
  const auto size =
      parse_head(octets, begin, limits, out.head.fields,
                 [&out](std::string_view line) { return parse_request_line(line, out); });
  if (!size || *size == 0) return size;
  if (const auto refusal = check_host(out)) return *refusal;
  const auto body = request_body_length(out.head.fields, out.minor_version);
  if (!body) return body.error();
  out.body = *body;
  if (const auto refusal = check_expectation(out)) return *refusal;
  out.connection = http::mark_connection_specific(out.head.fields);
  out.persistent = is_persistent(out.connection, out.minor_version);
  return size;
}

Result<std::size_t> parse_response(std::string_view octets, const Limits& limits,
                                   http::Method method, ParsedResponse& out) {
  const auto size = parse_head(octets, 0, limits, out.head.fields, [&out](std::string_view line) {
    return parse_status_line(line, out);
  });
  if (!size || *size == 0) return size;
  const auto body = response_body_length(out.head, method, out.minor_version);
  if (!body) return body.error();
  out.body = *body;
  out.connection = http::mark_connection_specific(out.head.fields);
  out.persistent = is_persistent(out.connection, out.minor_version);
  return size;
}

}  // namespace lb::http1
