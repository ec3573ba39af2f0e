#pragma once

#include "lb/http1/limits.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace lb::http2 {

/// The head of an HTTP/2 request as one of HTTP/1.1, which is parsed, judged and refused as any
/// other (RFC 9113 §8.2, §8.3). One field section after the other.
class RequestText {
 public:
  enum class Verdict : std::uint8_t {
    Fine,
    Malformed,  // a stream error of PROTOCOL_ERROR (RFC 9113 §8.1.1)
    TooLarge,   // 431
  };

  void begin(const http1::Limits& limits);
  /// One field line in its turn.
  void add(std::string_view name, std::string_view value);
  /// `ended`: there is no content. `nonce`: 16 octets nobody can guess, for what an upgrade sends.
  Verdict finish(bool ended, std::string_view nonce);

  /// After `finish`, if that was fine: with the empty line at its end.
  std::string_view text() const { return text_; }
  /// Octets of all fields as HTTP/2 counts them (RFC 9113 §6.5.2), those that were not kept too.
  std::size_t unpacked() const { return unpacked_; }
  /// An extended CONNECT (RFC 8441): asked for as an upgrade of HTTP/1.1.
  bool is_tunnel() const { return !protocol_.empty(); }
  /// The content comes in the chunked coding, as its length is unknown.
  bool is_chunked() const { return chunked_; }
  bool is_head_method() const { return method_ == "HEAD"; }

 private:
  void add_pseudo(std::string_view name, std::string_view value);
  void begin_fields();
  void add_line(std::string_view name, std::string_view value);

  http1::Limits limits_;
  std::string text_;
  std::string method_;
  std::string scheme_;
  std::string path_;
  std::string authority_;
  std::string protocol_;
  std::string cookie_;
  std::size_t unpacked_{0};
  bool malformed_{false};
  bool too_large_{false};
  bool in_fields_{false};  // pseudo-fields are over
  bool has_length_{false};
  bool has_content_{false};  // says Content-Length
  bool chunked_{false};
};

}  // namespace lb::http2
