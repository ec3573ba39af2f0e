#include "lb/http1/chunked.hpp"

#include "lb/http/hexadecimal.hpp"

#include <algorithm>

namespace lb::http1 {
namespace {

constexpr std::uint8_t kMostDigits = 15;  // 60 bits: a size can never overflow

}  // namespace

common::Result<ChunkedDecoder::Step, Errc> ChunkedDecoder::next(std::string_view input) {
  std::size_t at = 0;
  while (at < input.size() && state_ != State::Finished) {
    if (state_ == State::Content) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - at));
      left_ -= size;
      if (left_ == 0) state_ = State::ContentCarriageReturn;
      return Step{at + size, input.substr(at, size)};
    }
    if (!take(input[at])) return Errc::BadChunk;
    ++at;
    if (line_ > limits_->chunk_line && state_ != State::Trailer && state_ != State::TrailerEnd)
      return Errc::ChunkExtensionsTooLarge;
    if (extension_octets_ > limits_->chunk_extensions) return Errc::ChunkExtensionsTooLarge;
    if (trailer_octets_ > limits_->trailers || trailer_fields_ > limits_->trailer_fields)
      return Errc::TrailersTooLarge;
  }
  return Step{at, {}};
}

bool ChunkedDecoder::take(char octet) {
  switch (state_) {
    case State::Size:
      return take_size(octet);
    case State::Extension:
      ++line_;
      ++extension_octets_;
      if (octet == '\r') {
        state_ = State::SizeEnd;
        return true;
      }
      return http::is(octet, http::kFieldValue);
    case State::SizeEnd:
      line_ = 0;
      digits_ = 0;
      state_ = left_ == 0 ? State::Trailer : State::Content;
      return octet == '\n';
    case State::ContentCarriageReturn:
      state_ = State::ContentEnd;
      return octet == '\r';
    case State::ContentEnd:
      state_ = State::Size;
      return octet == '\n';
    case State::Trailer:
      ++trailer_octets_;
      if (trailers_ != nullptr) trailers_->push_back(octet);
      return take_trailer(octet);
    case State::TrailerEnd:
      if (octet != '\n') return false;
      if (trailers_ != nullptr) trailers_->push_back(octet);
      if (line_ > 0) ++trailer_fields_;
      state_ = line_ == 0 ? State::Finished : State::Trailer;
      line_ = 0;
      name_ended_ = false;
      return true;
    case State::Content:
    case State::Finished:
      return false;
  }
  return false;
}

bool ChunkedDecoder::take_size(char octet) {
  ++line_;
  if (http::is(octet, http::kHex)) {
    if (++digits_ > kMostDigits) return false;
    left_ = left_ * 16 + http::hex_value(octet);
    return true;
  }
  if (digits_ == 0) return false;
  if (octet == ';')
    state_ = State::Extension;
  else if (octet == '\r')
    state_ = State::SizeEnd;
  else
    return false;
  return true;
}

/// The rules of a field line, an octet at a time: a token, a colon, a value.
bool ChunkedDecoder::take_trailer(char octet) {
  if (octet == '\r') {
    state_ = State::TrailerEnd;
    return line_ == 0 || name_ended_;
  }
  if (!name_ended_ && octet == ':') {
    name_ended_ = true;
    return line_++ > 0;
  }
  ++line_;
  return http::is(octet, name_ended_ ? http::kFieldValue : http::kToken);
}

ChunkHead::ChunkHead(std::uint64_t size) {
  text_[16] = '\r';
  text_[17] = '\n';
  do {
    text_[--begin_] = "0123456789abcdef"[size % 16];
    size /= 16;
  } while (size != 0);
}

}  // namespace lb::http1
