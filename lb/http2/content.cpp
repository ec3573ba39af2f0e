#include "lb/http2/content.hpp"

#include <algorithm>

namespace lb::http2 {

using Kind = http1::BodyLength::Kind;

ArrivedContent::Read ArrivedContent::read(std::span<char> space) {
  Read done;
  const auto put = [&space, &done](std::string_view text) {
    const auto size = std::min(text.size(), space.size() - done.count);
    std::copy_n(text.data(), size, space.data() + done.count);
    done.count += size;
    return size;
  };
  while (done.count < space.size()) {
    const auto content = std::string_view{content_}.substr(begin_);
    if (!framing_.empty()) {
      framing_.erase(0, put(framing_));
    } else if (run_left_ > 0) {
      const auto size = put(content.substr(0, run_left_));
      begin_ += size;
      done.content += size;
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
  if (begin_ == content_.size()) {
    content_.clear();
    begin_ = 0;
  } else if (begin_ > content_.size() / 2) {
    content_.erase(0, begin_);
    begin_ = 0;
  }
  return done;
}

std::size_t ArrivedContent::drop() {
  const auto unread = content_.size() - begin_;
  content_ = {};
  begin_ = run_left_ = 0;
  return unread;
}

void LeavingContent::begin(const http1::BodyLength& body, bool raw) {
  body_ = body;
  stage_ = Stage::Content;
  if (raw)
    stage_ = Stage::Raw;
  else if (body_.kind == Kind::None || (body_.kind == Kind::Counted && body_.octets == 0))
    stage_ = Stage::Whole;
  else if (body_.kind == Kind::Chunked)
    decoder_.emplace(kOwnText, &trailers_);
}

bool LeavingContent::take(std::string_view& octets) {
  if (is_full()) return true;
  if (begin_ > 0) {
    held_.erase(0, begin_);
    begin_ = 0;
  }
  const auto room = kMostHeld - held_.size();
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

void LeavingContent::consume(std::size_t count) {
  begin_ += count;
  if (begin_ < held_.size()) return;
  held_.clear();
  begin_ = 0;
}

}  // namespace lb::http2
