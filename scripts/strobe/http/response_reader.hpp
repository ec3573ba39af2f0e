#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strobe::http {

/// Reads one final HTTP/1.1 response from octets as they come (RFC 9112); interim 1xx responses are
/// passed over. Content beyond kKeptContent is counted and dropped.
class ResponseReader {
 public:
  enum class State : std::uint8_t {
    Head,
    Content,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailers,
    Done,
    Bad
  };

  static constexpr std::size_t kLongestHead = 64 * 1024;  // also the limit of one chunk line
  static constexpr std::size_t kKeptContent = 64 * 1024;

  /// Takes what the connection gave. Octets after the end make the response Bad: nothing was asked
  /// for yet that they could answer.
  void feed(std::string_view octets);
  /// The connection ended: right only where its end is the framing (RFC 9112 §6.3, rule 8).
  void feed_end();

  bool done() const { return state_ == State::Done; }
  bool bad() const { return state_ == State::Bad; }
  unsigned status() const { return status_; }  // 0 before the head is complete
  const std::string& content() const { return content_; }
  std::uint64_t content_length() const { return content_octets_; }
  /// Whether the connection may carry another request (RFC 9112 §9.3). Only when done.
  bool persists() const { return persists_; }

 private:
  bool take_line(std::string_view& octets);
  void on_line();
  void on_head_line();
  void on_head_end();
  void on_field(std::string_view name, std::string_view value);
  void on_chunk_size();
  std::string_view take_content(std::string_view octets);

  State state_{State::Head};
  std::string line_;
  std::size_t head_octets_{0};
  unsigned status_{0};
  bool persists_{true};
  bool chunked_{false};
  bool has_length_{false};
  bool until_end_{false};
  std::uint64_t remaining_{0};  // of the content, or of the chunk
  std::uint64_t content_octets_{0};
  std::string content_;
};

}  // namespace strobe::http
