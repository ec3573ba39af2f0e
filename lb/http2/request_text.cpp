#include "lb/http2/request_text.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/connection_fields.hpp"
#include "lb/http/field_names.hpp"
#include "lb/http2/field_rules.hpp"
#include "lb/http2/websocket.hpp"

#include <algorithm>

namespace lb::http2 {
namespace {

using http::FieldId;

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return http::to_lower(x) == http::to_lower(y); });
}

bool is_target(std::string_view path, std::string_view method) {
  if (path == "*") return method == "OPTIONS";
  // Whatever else is wrong with it is answered; this would not be one word of a request line.
  return path.starts_with('/') && std::none_of(path.begin(), path.end(), [](char octet) {
           return static_cast<unsigned char>(octet) <= 0x20 || octet == 0x7F;
         });
}

}  // namespace

void RequestText::begin(const http1::Limits& limits) {
  limits_ = limits;
  for (auto* text : {&text_, &method_, &scheme_, &path_, &authority_, &protocol_, &cookie_})
    text->clear();
  unpacked_ = 0;
  malformed_ = too_large_ = in_fields_ = has_length_ = has_content_ = chunked_ = false;
}

void RequestText::add(std::string_view name, std::string_view value) {
  unpacked_ += name.size() + value.size() + kFieldOverhead;
  if (malformed_) return;
  if (name.starts_with(':')) return add_pseudo(name, value);
  begin_fields();
  const auto id = http::identify(name);
  if (!is_well_formed(name, value) || is_of_connection(id, value)) {
    malformed_ = true;
    return;
  }
  switch (id) {
    case FieldId::Host:
      if (!authority_.empty()) {  // RFC 9113 §8.3.1: there is one Host
        malformed_ = !same(authority_, value);
        return;
      }
      break;
    case FieldId::Cookie:  // RFC 9113 §8.2.3
      if (text_.size() + cookie_.size() + value.size() > limits_.head) {
        too_large_ = true;
        return;
      }
      cookie_.append(cookie_.empty() ? "" : "; ").append(value);
      return;
    case FieldId::ContentLength:
      has_length_ = true;
      has_content_ = has_content_ || value.find_first_not_of('0') != value.npos;
      break;
    default:
      if (is_tunnel() && name == "sec-websocket-key") return;  // ours stands instead
      break;
  }
  add_line(name, value);
}

void RequestText::add_pseudo(std::string_view name, std::string_view value) {
  auto* const place = name == ":method"      ? &method_
                      : name == ":scheme"    ? &scheme_
                      : name == ":path"      ? &path_
                      : name == ":authority" ? &authority_
                      : name == ":protocol"  ? &protocol_
                                             : nullptr;
  malformed_ = in_fields_ || place == nullptr || !place->empty() ||
               !http::all_are(value, http::kFieldValue) || value.find(' ') != value.npos ||
               value.find('\t') != value.npos || (value.empty() && place != &authority_);
  if (malformed_) return;
  if (value.size() > limits_.head)
    too_large_ = true;
  else
    *place = value;
}

/// What stood in pseudo-fields: the request line, and Host.
void RequestText::begin_fields() {
  if (in_fields_) return;
  in_fields_ = true;
  if (too_large_) return;
  const bool connects = method_ == "CONNECT" && protocol_.empty();
  const bool whole = connects ? scheme_.empty() && path_.empty() && !authority_.empty()
                              : !scheme_.empty() && is_target(path_, method_);
  if (!whole || !http::all_are(method_, http::kToken) || method_.empty() ||
      (is_tunnel() && method_ != "CONNECT") || !http::all_are(protocol_, http::kToken)) {
    malformed_ = true;
    return;
  }
  // HTTP/1.1 has no upgrade to it: refused as any other CONNECT (RFC 9220 §3: 501).
  const bool refused = is_tunnel() && !http::may_be_upgraded_to(protocol_);
  if (refused) protocol_.clear();
  text_.append(is_tunnel() ? "GET" : method_)
      .append(" ")
      .append(connects || refused ? authority_ : path_)
      .append(" HTTP/1.1\r\n");
  if (!authority_.empty()) add_line("host", authority_);
}

void RequestText::add_line(std::string_view name, std::string_view value) {
  // The parser says which limit it was; here it is only that nobody fills our memory.
  if (text_.size() + name.size() + value.size() > limits_.head) too_large_ = true;
  if (too_large_) return;
  text_.append(name).append(": ").append(value).append("\r\n");
}

RequestText::Verdict RequestText::finish(bool ended, std::string_view nonce) {
  if (!malformed_) begin_fields();
  if (malformed_) return Verdict::Malformed;
  if (ended && has_content_) return Verdict::Malformed;  // RFC 9113 §8.1.1
  if (!cookie_.empty()) add_line("cookie", cookie_);
  if (too_large_) return Verdict::TooLarge;
  if (is_tunnel()) {
    if (has_length_) return Verdict::Malformed;
    add_line("connection", "upgrade");
    add_line("upgrade", protocol_);
    if (http::equals_lower(protocol_, "websocket")) add_line("sec-websocket-key", base64(nonce));
  } else if (!ended && !has_length_ && method_ != "CONNECT") {
    chunked_ = true;
    add_line("transfer-encoding", "chunked");
  }
  if (too_large_) return Verdict::TooLarge;
  text_.append("\r\n");
  return Verdict::Fine;
}

}  // namespace lb::http2
