#include "lb/http2/answer_text.hpp"

#include "lb/http/field_names.hpp"
#include "lb/http/status.hpp"
#include "lb/http2/field_rules.hpp"
#include "lb/http2/websocket.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace lb::http2 {

using http::FieldId;

void AnswerText::begin() {
  text_.clear();
  size_ = status_ = 0;
  length_.reset();
  malformed_ = in_fields_ = tunnel_ = content_ = chunked_ = false;
}

void AnswerText::add(std::string_view name, std::string_view value) {
  size_ += name.size() + value.size() + kFieldOverhead;
  if (malformed_) return;
  if (name.starts_with(':')) return add_status(name, value);
  in_fields_ = true;
  const auto id = http::identify(name);
  // TE is a request's.
  if (status_ == 0 || !is_well_formed(name, value) || is_of_connection(id, value) ||
      id == FieldId::Te || size_ > kMost) {
    malformed_ = true;
    return;
  }
  if (id == FieldId::ContentLength) {
    std::uint64_t octets = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), octets);
    if (error == std::errc{} && end == value.data() + value.size()) length_ = octets;
  }
  text_.append(name).append(": ").append(value).append("\r\n");
}

void AnswerText::add_status(std::string_view name, std::string_view value) {
  const auto is_digit = [](char octet) { return octet >= '0' && octet <= '9'; };
  malformed_ = in_fields_ || status_ != 0 || name != ":status" || value.size() != 3 ||
               !std::all_of(value.begin(), value.end(), is_digit);
  if (malformed_) return;
  for (const char digit : value) status_ = 10 * status_ + static_cast<unsigned>(digit - '0');
  // RFC 9113 §8.6: there is no other protocol to change to.
  malformed_ = status_ < 100 || status_ == 101;
  text_.append("HTTP/1.1 ").append(value).append(" \r\n");
}

bool AnswerText::finish(const Asked& asked, bool ended) {
  if (malformed_ || status_ == 0) return false;
  if (is_interim()) {
    if (ended || length_) return false;  // RFC 9113 §8.1, RFC 9110 §8.6
  } else if (!asked.websocket_key.empty() && status_ / 100 == 2) {
    if (ended) return false;
    // RFC 8441 §5: what HTTP/1.1 says with 101.
    tunnel_ = true;
    text_ = "HTTP/1.1 101 \r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: " +
            websocket_accept(asked.websocket_key) + "\r\n" + text_.substr(text_.find('\n') + 1);
  } else if (!asked.head && !http::is_without_content(status_)) {
    content_ = !ended;
    chunked_ = !ended && !length_;
    if (chunked_) text_.append("transfer-encoding: chunked\r\n");
    if (ended && !length_) text_.append("content-length: 0\r\n");
  }
  text_.append("\r\n");
  return true;
}

}  // namespace lb::http2
