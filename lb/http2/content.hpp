#pragma once

#include "lb/http1/chunked.hpp"
#include "lb/http1/framing.hpp"
#include "lb/http1/limits.hpp"
#include "lb/memory/recycler.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lb::http2 {

/// What lbd has written itself need not be bounded once more.
inline constexpr http1::Limits kOwnText{.request_line = 2U << 20U,
                                        .field_line = 2U << 20U,
                                        .fields = 4096,
                                        .head = 2U << 20U,
                                        .trailers = 2U << 20U,
                                        .trailer_fields = 4096};

/// Content of one message as it has come in frames, read as HTTP/1.1 frames it: in the chunked
/// coding, or as it is. Who feeds it bounds it: by the window of its stream.
class ArrivedContent {
 public:
  /// The content comes in the chunked coding, as its length is unknown.
  void begin_chunked() { chunked_ = true; }
  /// To be read before the content: a head.
  void put_text(std::string_view text) { framing_.append(text); }
  std::size_t unread_text() const { return framing_.size(); }
  void append(std::string_view octets) { content_.append(octets); }
  /// There will be no more.
  void end() { ended_ = true; }
  bool has_ended() const { return ended_; }
  /// Field lines, read behind the last chunk.
  std::string& trailers() { return trailers_; }

  bool has_text() const {
    return !framing_.empty() || begin_ < content_.size() || (ended_ && chunked_ && !last_said_);
  }
  struct Read {
    std::size_t count{0};    // octets of text
    std::size_t content{0};  // of those, octets that came as content
  };
  Read read(std::span<char> space);
  /// What has not been read is of no use: gives how many octets of content that was.
  std::size_t drop();

 private:
  bool chunked_{false};
  bool ended_{false};
  bool last_said_{false};  // the last chunk has been read
  std::string content_;
  std::size_t begin_{0};
  std::size_t run_left_{0};  // of the chunk that is being read
  std::string framing_;      // to be read before it
  std::string trailers_;
};

/// Content of one message that is written with the framing of HTTP/1.1, which it takes off, and
/// that waits for the window of its stream.
class LeavingContent {
 public:
  /// Octets that wait.
  static constexpr std::size_t kMostHeld = 32U << 10U;

  /// The head has told what comes. `raw`: whatever is written, until `end_raw`.
  void begin(const http1::BodyLength& body, bool raw);
  bool has_begun() const { return stage_ != Stage::Head; }
  bool is_raw() const { return stage_ == Stage::Raw; }
  /// All has been written.
  bool is_whole() const { return stage_ == Stage::Whole; }
  void end_raw() { stage_ = Stage::Whole; }
  bool is_full() const { return held_.size() - begin_ >= kMostHeld; }
  /// Takes octets off the front of `octets`, as many as there is room for. False: the framing is
  /// broken.
  bool take(std::string_view& octets);

  std::string_view held() const { return std::string_view{held_}.substr(begin_); }
  /// So many octets of `held()` have gone.
  void consume(std::size_t count);
  /// The trailer section, with its empty line, once all is written; may be empty.
  const std::string& trailers() const { return trailers_; }

 private:
  enum class Stage : std::uint8_t { Head, Content, Raw, Whole };

  Stage stage_{Stage::Head};
  http1::BodyLength body_;  // of a counted one: what is left
  std::optional<http1::ChunkedDecoder> decoder_;
  memory::RecycledString held_;
  std::size_t begin_{0};
  std::string trailers_;
};

}  // namespace lb::http2
