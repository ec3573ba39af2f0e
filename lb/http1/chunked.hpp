#pragma once

#include "common/result.hpp"
#include "lb/http1/errc.hpp"
#include "lb/http1/limits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lb::http1 {

/// Takes the chunked coding off a message body (RFC 9112 §7.1), however it arrives in pieces.
/// Extensions are checked, bounded and dropped; so is the trailer section, unless somebody gives a
/// place for it.
class ChunkedDecoder {
 public:
  /// `trailers`, if any, gets the octets of the trailer section: field lines that are well-formed,
  /// each with its end, and the empty line. See `passable_trailers`.
  explicit ChunkedDecoder(const Limits& limits, std::string* trailers = nullptr)
      : limits_{&limits}, trailers_{trailers} {}

  struct Step {
    std::size_t consumed{0};   // octets of the input that are done with
    std::string_view content;  // the last of them, when there is content
  };
  /// Goes on up to the end of one run of content, of the input or of the body. Call until all input
  /// is consumed or `finished()`; what is then left belongs to the next message.
  common::Result<Step, Errc> next(std::string_view input);
  bool finished() const { return state_ == State::Finished; }

 private:
  enum class State : std::uint8_t {
    Size,
    Extension,
    SizeEnd,
    Content,
    ContentCarriageReturn,
    ContentEnd,
    Trailer,
    TrailerEnd,
    Finished,
  };
  /// Takes one octet of anything but content; false when it cannot stand there.
  bool take(char octet);
  bool take_size(char octet);
  bool take_trailer(char octet);

  const Limits* limits_;
  std::string* trailers_;
  State state_{State::Size};
  bool name_ended_{false};  // of the current trailer line
  std::uint8_t digits_{0};  // of the current chunk size
  std::uint64_t left_{0};   // of the current chunk
  std::size_t line_{0};     // octets of the current chunk line or trailer line
  std::size_t extension_octets_{0};
  std::size_t trailer_octets_{0};
  std::size_t trailer_fields_{0};
};

/// The line before a chunk of `size` octets.
class ChunkHead {
 public:
  explicit ChunkHead(std::uint64_t size);
  std::string_view text() const { return {text_.data() + begin_, text_.size() - begin_}; }

 private:
  std::array<char, 18> text_{};
  std::size_t begin_{16};
};

inline constexpr std::string_view kChunkEnd = "\r\n";
/// Before a trailer section, and with `kChunkEnd` as the empty one.
inline constexpr std::string_view kLastChunkHead = "0\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace lb::http1
