#include "lb/http2/stream.hpp"

#include "lb/http/status.hpp"
#include "lb/http2/callbacks.hpp"
#include "lb/http2/frame_fields.hpp"
#include "lb/http2/session.hpp"

#include <utility>

namespace lb::http2 {
namespace {

using Kind = http1::BodyLength::Kind;

/// Memory of one worker's parser; what it holds is dead when a call returns.
struct Scratch {
  http1::ParsedResponse answer;
  FrameFields fields;
};
Scratch& scratch() {
  thread_local Scratch memory;
  return memory;
}

}  // namespace

void Stream::end_use(common::TimePoint now) {
  session_.now_ = now;
  end();
  user_ = nullptr;
  session_.settle(*this);
}

Stream::Seen Stream::look() const {
  if (reset_) return Seen::Reset;
  if (request_.has_text()) return Seen::Content;
  return tunnel_ && request_.has_ended() ? Seen::End : Seen::Nothing;
}

std::size_t Stream::read(std::span<char> space) {
  if (reset_) return 0;
  const auto [count, content] = request_.read(space);
  if (content > 0) session_.consume(*this, content);
  return count;
}

bool Stream::write(std::string_view& octets) {
  while (!octets.empty()) {
    if (!is_open_for_answer() || answer_.is_whole()) return false;
    const auto before = octets.size();
    if (!(answer_.has_begun() ? write_content(octets) : write_head(octets))) {
      reset(NGHTTP2_INTERNAL_ERROR);
      return false;
    }
    if (octets.size() == before) {
      wants_room_ = true;
      break;
    }
  }
  return true;
}

bool Stream::write_head(std::string_view& octets) {
  auto& [answer, fields] = scratch();
  const auto size = http1::parse_response(
      octets, kOwnText, is_head_ ? http::Method::Head : http::Method::Get, answer);
  if (!size || *size == 0) return false;
  octets.remove_prefix(*size);
  auto status = answer.head.status;
  const bool switches = status == 101;
  if (switches && !tunnel_) return false;
  // RFC 8441 §5: 2xx means that the tunnel is there.
  if (switches)
    status = 200;
  else if (tunnel_ && status / 100 == 2)
    status = 502;
  fields.take_answer(answer.head, status);
  auto* const session = session_.session_;
  if (!switches && http::is_interim(status)) {
    const int told = nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id_, nullptr, fields.data(),
                                            fields.size(), nullptr);
    session_.user_.on_change();
    return told == 0;
  }
  answer_.begin(answer.body, switches || answer.body.kind == Kind::UntilClose);
  const auto source = answer_source(*this);
  const int told = nghttp2_submit_response(session, id_, fields.data(), fields.size(),
                                           answer_.is_whole() ? nullptr : &source);
  session_.user_.on_change();
  return told == 0;
}

bool Stream::write_content(std::string_view& octets) {
  if (answer_.is_full()) return true;
  if (!answer_.take(octets)) return false;
  resume();
  return true;
}

/// What has been said may go.
void Stream::resume() {
  if (!std::exchange(deferred_, false)) return;
  nghttp2_session_resume_data(session_.session_, id_);
  session_.user_.on_change();
}

void Stream::end() {
  if (!is_open_for_answer() || answer_.is_whole()) return;
  if (!answer_.is_raw()) return reset(NGHTTP2_INTERNAL_ERROR);
  answer_.end_raw();
  resume();
}

void Stream::abort() {
  if (is_open_for_answer() && !end_sent_) reset(NGHTTP2_INTERNAL_ERROR);
}

void Stream::reset(std::uint32_t code) {
  if (!is_open_for_answer()) return;
  reset_ = true;
  nghttp2_submit_rst_stream(session_.session_, NGHTTP2_FLAG_NONE, id_, code);
  session_.user_.on_change();
}

}  // namespace lb::http2
