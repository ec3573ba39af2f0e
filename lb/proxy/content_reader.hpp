#pragma once

#include "lb/http1/chunked.hpp"
#include "lb/http1/framing.hpp"

#include <algorithm>
#include <string_view>

namespace lb::proxy {

/// The content of an answer without its framing, from octets as they arrive.
class ContentReader {
 public:
  using Kind = http1::BodyLength::Kind;

  ContentReader(http1::BodyLength body, const http1::Limits& limits)
      : kind_{body.kind},
        left_{body.octets},
        decoder_{limits},
        ended_{kind_ == Kind::None || (kind_ == Kind::Counted && left_ == 0)} {}

  /// Takes one run of content off the front of `octets`. False: malformed.
  bool take(std::string_view octets) {
    content_ = {};
    consumed_ = 0;
    if (kind_ == Kind::Chunked) {
      const auto step = decoder_.next(octets);
      if (!step) return false;
      content_ = step->content;
      consumed_ = step->consumed;
      ended_ = decoder_.finished();
      return true;
    }
    content_ = kind_ == Kind::Counted
                   ? octets.substr(
                         0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())))
                   : octets;
    consumed_ = content_.size();
    left_ -= kind_ == Kind::Counted ? consumed_ : 0;
    ended_ = kind_ == Kind::Counted && left_ == 0;
    return true;
  }
  /// The endpoint has closed; false when there should have been more.
  bool on_close() {
    content_ = {};
    consumed_ = 0;
    ended_ = kind_ == Kind::UntilClose;
    return ended_;
  }
  std::string_view content() const { return content_; }
  std::size_t consumed() const { return consumed_; }
  bool ended() const { return ended_; }

 private:
  Kind kind_;
  std::uint64_t left_;
  http1::ChunkedDecoder decoder_;
  std::string_view content_;
  std::size_t consumed_{0};
  bool ended_;
};

}  // namespace lb::proxy
