#pragma once

#include "lb/http1/head_parser.hpp"

#include <array>
#include <nghttp2/nghttp2.h>
#include <string>
#include <string_view>
#include <vector>

namespace lb::http2 {

/// The fields of a head or a trailer section as nghttp2 takes them, which copies them and writes
/// their names in lower case. Views of what they were made of, and of itself.
class FrameFields {
 public:
  /// An answer's head: without what concerns the hop of HTTP/1.1 only (RFC 9113 §8.2.2). `status`
  /// stands instead of the head's own.
  void take_answer(const http::ResponseHead& head, unsigned status);
  /// A request's head, of the octets `text`. A tunnel is asked for as RFC 8441 has it, by an
  /// extended CONNECT; without one an upgrade is not mentioned.
  void take_request(const http1::ParsedRequest& request, std::string_view text,
                    std::string_view scheme, bool tunnel);
  /// The field lines of a trailer section.
  void take_trailers(std::string_view section);

  const nghttp2_nv* data() const { return fields_.data(); }
  std::size_t size() const { return fields_.size(); }

 private:
  void add(std::string_view name, std::string_view value);

  std::vector<nghttp2_nv> fields_;
  std::array<char, 3> status_{};
};

}  // namespace lb::http2
