#include "scripts/strobe/http/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace strobe::http {

namespace {

bool same(std::string_view left, std::string_view right) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <class Number>
bool read_whole(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void ResponseReader::feed(std::string_view octets) {
  while (!octets.empty() && !bad()) {
    switch (state_) {
      case State::Content:
      case State::ChunkData:
        octets = take_content(octets);
        break;
      case State::Done:
        state_ = State::Bad;
        break;
      default:
        if (take_line(octets)) on_line();
    }
  }
}

void ResponseReader::feed_end() {
  if (state_ == State::Content && until_end_)
    state_ = State::Done;
  else if (!done())
    state_ = State::Bad;
}

bool ResponseReader::take_line(std::string_view& octets) {
  const auto end = octets.find('\n');
  const auto part = octets.substr(0, end);
  head_octets_ += part.size() + 1;
  if (head_octets_ > kLongestHead) {
    state_ = State::Bad;
    return false;
  }
  line_.append(part);
  octets.remove_prefix(std::min(octets.size(), part.size() + 1));
  if (end == std::string_view::npos) return false;
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

void ResponseReader::on_line() {
  switch (state_) {
    case State::Head:
      on_head_line();
      break;
    case State::ChunkSize:
      on_chunk_size();
      break;
    case State::ChunkEnd:
      state_ = line_.empty() ? State::ChunkSize : State::Bad;
      break;
    default:  // Trailers
      if (line_.empty()) state_ = State::Done;
  }
  line_.clear();
}

void ResponseReader::on_head_line() {
  const std::string_view line = line_;
  if (status_ == 0) {
    const bool right = line.size() >= 12 && line.starts_with("HTTP/1.") && line[8] == ' ' &&
                       (line.size() == 12 || line[12] == ' ') &&
                       read_whole(line.substr(9, 3), status_, 10) && status_ >= 100;
    persists_ = right && line[7] == '1';
    if (!right) state_ = State::Bad;
    return;
  }
  if (line.empty()) return on_head_end();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0)
    state_ = State::Bad;
  else
    on_field(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

void ResponseReader::on_field(std::string_view name, std::string_view value) {
  if (same(name, "content-length")) {
    std::uint64_t length = 0;
    if (!read_whole(value, length, 10) || (has_length_ && length != remaining_))
      state_ = State::Bad;
    has_length_ = true;
    remaining_ = length;
  } else if (same(name, "transfer-encoding")) {
    chunked_ = same(value, "chunked");
    if (!chunked_) state_ = State::Bad;
  } else if (same(name, "connection")) {
    if (same(value, "close"))
      persists_ = false;
    else if (same(value, "keep-alive"))
      persists_ = true;
  }
}

void ResponseReader::on_head_end() {
  head_octets_ = 0;
  if (status_ < 200) {
    *this = ResponseReader{};
    return;
  }
  if (chunked_ && has_length_) {
    state_ = State::Bad;  // RFC 9112 §6.3: a sign of response splitting
  } else if (status_ == 204 || status_ == 304) {
    state_ = State::Done;
  } else if (chunked_) {
    state_ = State::ChunkSize;
  } else if (has_length_) {
    state_ = remaining_ == 0 ? State::Done : State::Content;
  } else {
    until_end_ = true;
    persists_ = false;
    remaining_ = std::numeric_limits<std::uint64_t>::max();
    state_ = State::Content;
  }
}

void ResponseReader::on_chunk_size() {
  head_octets_ = 0;
  const auto size = trimmed(std::string_view{line_}.substr(0, line_.find(';')));
  if (!read_whole(size, remaining_, 16))
    state_ = State::Bad;
  else
    state_ = remaining_ == 0 ? State::Trailers : State::ChunkData;
}

std::string_view ResponseReader::take_content(std::string_view octets) {
  const auto part = octets.substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), remaining_)));
  content_.append(part.substr(0, kKeptContent - std::min(kKeptContent, content_.size())));
  content_octets_ += part.size();
  if (!until_end_) remaining_ -= part.size();
  if (remaining_ == 0) state_ = state_ == State::ChunkData ? State::ChunkEnd : State::Done;
  return octets.substr(part.size());
}

}  // namespace strobe::http
