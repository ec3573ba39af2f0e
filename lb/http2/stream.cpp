#include "lb/http2/stream.hpp"

#include "lb/http/status.hpp"
#include "lb/http2/answer_fields.hpp"
#include "lb/http2/callbacks.hpp"
#include "lb/http2/session.hpp"

#include <algorithm>

namespace lb::http2 {
namespace {

using Kind = http1::BodyLength::Kind;

/// What lbd has written itself need not be bounded once more.
constexpr http1::Limits kAnswerLimits{.request_line = 2U << 20U,
                                      .field_line = 2U << 20U,
                                      .fields = 4096,
                                      .head = 2U << 20U,
                                      .trailers = 2U << 20U,
                                      .trailer_fields = 4096};

/// Memory of one worker's parser; what it holds is dead when a call returns.
struct Scratch {
  http1::ParsedResponse answer;
  AnswerFields fields;
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
  if (!framing_.empty() || content_begin_ < content_.size() || (ended_ && chunked_ && !last_said_))
    return Seen::Content;
  return tunnel_ && ended_ ? Seen::End : Seen::Nothing;
}

std::size_t Stream::read(std::span<char> space) {
  if (reset_) return 0;
  std::size_t count = 0;
  std::size_t consumed = 0;
  const auto put = [&space, &count](std::string_view text) {
    const auto size = std::min(text.size(), space.size() - count);
    std::copy_n(text.data(), size, space.data() + count);
    count += size;
    return size;
  };
  while (count < space.size()) {
    const auto content = std::string_view{content_}.substr(content_begin_);
    if (!framing_.empty()) {
      framing_.erase(0, put(framing_));
    } else if (run_left_ > 0) {
      const auto size = put(content.substr(0, run_left_));
      content_begin_ += size;
      consumed += size;
      run_left_ -= size;
      if (run_left_ == 0 && chunked_) framing_ = http1::kChunkEnd;
    } else if (!content.empty()) {
      run_left_ = content.size();
      if (chunked_) framing_ = http1::ChunkHead{run_left_}.text();
    } else if (ended_ && chunked_ && !last_said_) {
      last_said_ = true;
      framing_.append(http1::kLastChunkHead).append(trailers_).append(http1::kChunkEnd);
    } else {
      break;
    }
  }
  if (content_begin_ == content_.size()) {
    content_.clear();
    content_begin_ = 0;
  } else if (content_begin_ > content_.size() / 2) {
    content_.erase(0, content_begin_);
    content_begin_ = 0;
  }
  if (consumed > 0) session_.consume(*this, consumed);
  return count;
}

bool Stream::write(std::string_view& octets) {
  while (!octets.empty()) {
    if (!is_open_for_answer() || stage_ == Stage::Whole) return false;
    const auto before = octets.size();
    if (!(stage_ == Stage::Head ? write_head(octets) : write_content(octets))) {
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
      octets, kAnswerLimits, is_head_ ? http::Method::Head : http::Method::Get, answer);
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
  fields.take_head(answer.head, status);
  auto* const session = session_.session_;
  if (!switches && http::is_interim(status)) {
    const int told = nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id_, nullptr, fields.data(),
                                            fields.size(), nullptr);
    session_.user_.on_change();
    return told == 0;
  }
  body_ = answer.body;
  stage_ = Stage::Content;
  if (switches || body_.kind == Kind::UntilClose)
    stage_ = Stage::Raw;
  else if (body_.kind == Kind::None || (body_.kind == Kind::Counted && body_.octets == 0))
    stage_ = Stage::Whole;
  else if (body_.kind == Kind::Chunked)
    decoder_.emplace(kAnswerLimits, &answer_trailers_);
  const auto source = answer_source(*this);
  const int told = nghttp2_submit_response(session, id_, fields.data(), fields.size(),
                                           stage_ == Stage::Whole ? nullptr : &source);
  session_.user_.on_change();
  return told == 0;
}

bool Stream::write_content(std::string_view& octets) {
  const auto held = held_.size() - held_begin_;
  if (held >= kMostHeld) return true;
  if (!take_content(octets, kMostHeld - held)) return false;
  resume();
  return true;
}

bool Stream::take_content(std::string_view& octets, std::size_t room) {
  if (held_begin_ > 0) {
    held_.erase(0, held_begin_);
    held_begin_ = 0;
  }
  if (decoder_) {
    const auto step = decoder_->next(octets.substr(0, room));
    if (!step) return false;
    held_.append(step->content);
    octets.remove_prefix(step->consumed);
    if (decoder_->finished()) stage_ = Stage::Whole;
    return true;
  }
  auto size = std::min(octets.size(), room);
  if (stage_ == Stage::Content) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, body_.octets));
    body_.octets -= size;
    if (body_.octets == 0) stage_ = Stage::Whole;
  }
  held_.append(octets.substr(0, size));
  octets.remove_prefix(size);
  return true;
}

/// What has been said may go.
void Stream::resume() {
  if (!std::exchange(deferred_, false)) return;
  nghttp2_session_resume_data(session_.session_, id_);
  session_.user_.on_change();
}

void Stream::end() {
  if (!is_open_for_answer() || stage_ == Stage::Whole) return;
  if (stage_ != Stage::Raw) return reset(NGHTTP2_INTERNAL_ERROR);
  stage_ = Stage::Whole;
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
