#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lb::http2 {

/// What an answer answers.
struct Asked {
  bool head{false};           // HEAD: there is no content
  std::string websocket_key;  // of an extended CONNECT: the client's; empty for everything else
};

/// The head of an HTTP/2 answer as one of HTTP/1.1, which is parsed, judged and relayed as any
/// other (RFC 9113 §8.3.2). One field section after the other.
class AnswerText {
 public:
  /// Octets of a head that are kept; also announced (RFC 9113 §6.5.2). What is larger is malformed.
  static constexpr std::size_t kMost = 64U << 10U;

  void begin();
  /// One field line in its turn.
  void add(std::string_view name, std::string_view value);
  /// `ended`: there is no content. False: malformed, an answer that is not passed on.
  bool finish(const Asked& asked, bool ended);

  /// After `finish`, if that was fine: with the empty line at its end.
  std::string_view text() const { return text_; }
  /// 1xx, but a protocol that was changed to.
  bool is_interim() const { return status_ / 100 == 1; }
  /// From here on both sides send what they like.
  bool is_tunnel() const { return tunnel_; }
  /// Whether content may follow.
  bool has_content() const { return content_; }
  /// Octets of content that the head tells of; nothing when it does not.
  std::optional<std::uint64_t> length() const { return length_; }
  /// Content comes in the chunked coding, as its length is unknown.
  bool is_chunked() const { return chunked_; }

 private:
  void add_status(std::string_view name, std::string_view value);

  std::string text_;
  std::size_t size_{0};  // as HTTP/2 counts it
  unsigned status_{0};
  std::optional<std::uint64_t> length_;
  bool malformed_{false};
  bool in_fields_{false};  // the pseudo-field is over
  bool tunnel_{false};
  bool content_{false};
  bool chunked_{false};
};

}  // namespace lb::http2
