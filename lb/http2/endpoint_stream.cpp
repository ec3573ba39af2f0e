#include "lb/http2/endpoint_stream.hpp"

#include "lb/http/characters.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/http2/callbacks.hpp"
#include "lb/http2/endpoint_session.hpp"

#include <utility>

namespace lb::http2 {
namespace {

/// Memory of one worker's parser; what it holds is dead when a call returns.
http1::ParsedRequest& scratch() {
  thread_local http1::ParsedRequest memory;
  return memory;
}

/// The key of a client that wants WebSocket and nothing else; empty: it does not.
std::string_view websocket_key(const http1::ParsedRequest& request) {
  const auto* const upgrade = http::find(request.head.fields, http::FieldId::Upgrade);
  if (!request.connection.upgrade || upgrade == nullptr ||
      !http::equals_lower(upgrade->value, "websocket"))
    return {};
  for (const auto& field : request.head.fields)
    if (http::equals_lower(field.name, "sec-websocket-key")) return field.value;
  return {};
}

}  // namespace

bool EndpointStream::write(std::string_view& octets) {
  while (!octets.empty()) {
    if (!is_alive() || request_.is_whole()) return false;
    const auto before = octets.size();
    if (!request_.has_begun()) {
      if (!write_head(octets)) {
        lose(Loss::NotProcessed);
        return false;
      }
      continue;
    }
    if (!request_.take(octets)) {
      session_.reset(*this, NGHTTP2_CANCEL);
      return false;
    }
    resume();
    if (octets.size() == before) {
      wants_room_ = true;
      break;
    }
  }
  return true;
}

bool EndpointStream::write_head(std::string_view& octets) {
  auto& request = scratch();
  const auto size = http1::parse_request(octets, kOwnText, request);
  if (!size || *size == 0 || !session_.is_open()) return false;
  const auto head = octets.substr(0, *size);
  asked_.head = request.head.method == http::Method::Head;
  if (session_.takes_tunnels()) asked_.websocket_key = websocket_key(request);
  request_.begin(request.body, !asked_.websocket_key.empty());
  octets.remove_prefix(*size);
  if (session_.submitted_ < session_.most_streams()) {
    // What is held with the head goes in the same breath: then its end is known, too.
    while (!octets.empty() && !request_.is_whole() && !request_.is_full())
      if (!request_.take(octets)) return false;
    return session_.submit(*this, head);
  }
  if (session_.waiting_.size() >= EndpointSession::kMostWaiting) return false;
  head_ = head;
  session_.waiting_.push_back(this);
  return true;
}

/// What has been said may go.
void EndpointStream::resume() {
  if (!std::exchange(deferred_, false)) return;
  nghttp2_session_resume_data(session_.session_, id_);
  session_.user_.on_change();
}

void EndpointStream::end() {
  if (!is_alive() || request_.is_whole()) return;
  if (!request_.is_raw()) return session_.reset(*this, NGHTTP2_CANCEL);
  request_.end_raw();
  resume();
}

void EndpointStream::abort() {
  if (is_alive()) session_.reset(*this, NGHTTP2_CANCEL);
}

EndpointStream::Seen EndpointStream::look() const {
  if (answer_.has_text()) return Seen::Content;
  if (loss_ != Loss::None) return Seen::Lost;
  return answer_.has_ended() ? Seen::End : Seen::Nothing;
}

std::size_t EndpointStream::read(std::span<char> space) {
  const auto [count, content] = answer_.read(space);
  if (content > 0) session_.consume(*this, content);
  return count;
}

void EndpointStream::lose(Loss loss) {
  if (loss_ != Loss::None || answer_.has_ended()) return;
  loss_ = loss;
  if (loss == Loss::NotProcessed) ++session_.totals_.not_processed;
  if (loss == Loss::Malformed) ++session_.totals_.malformed;
  tell();
}

void EndpointStream::end_use(common::TimePoint now) {
  session_.now_ = now;
  end();
  user_ = nullptr;
  session_.settle(*this);
}

}  // namespace lb::http2
