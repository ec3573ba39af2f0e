#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lb::http2 {

/// The first nine octets of a frame (RFC 9113 §4.1).
struct FrameHead {
  std::uint32_t length{0};
  std::uint8_t type{0};
  std::uint8_t flags{0};
  std::int32_t stream{0};
};

inline constexpr std::uint8_t kData = 0;
inline constexpr std::uint8_t kHeaders = 1;
inline constexpr std::uint8_t kPriority = 2;
inline constexpr std::uint8_t kResetStream = 3;
inline constexpr std::uint8_t kSettings = 4;
inline constexpr std::uint8_t kPing = 6;
inline constexpr std::uint8_t kGoAway = 7;
inline constexpr std::uint8_t kWindowUpdate = 8;
inline constexpr std::uint8_t kContinuation = 9;
inline constexpr std::uint8_t kEndStream = 1;       // of DATA and HEADERS
inline constexpr std::uint8_t kEndHeaders = 4;      // of HEADERS and CONTINUATION
inline constexpr std::uint8_t kPadded = 8;          // of DATA and HEADERS
inline constexpr std::uint8_t kHasPriority = 0x20;  // of HEADERS

/// What a client begins with (RFC 9113 §3.4).
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Where in its frames the other side is, however its octets arrive: what each begins with is known
/// before its content is looked at.
class FrameTracker {
 public:
  /// `preface`: octets that come before the first frame; an endpoint begins with a frame.
  explicit FrameTracker(std::size_t preface = kPreface.size()) : preface_left_{preface} {}

  /// Takes octets off the front of `octets` up to the end of the next frame's head. Gives how many;
  /// `is_head()` tells whether they completed one.
  std::size_t take(std::string_view octets);
  bool is_head() const { return is_head_; }
  const FrameHead& head() const { return head_; }

  /// Whether what has been taken names a stream as depending on itself, or gives one to the
  /// connection. Priorities mean nothing here, but that is an error all the same (RFC 7540 §5.3.1,
  /// RFC 9113 §6.3).
  bool has_bad_priority() const { return bad_priority_; }

  /// Whether a field section has begun and is not whole.
  bool is_in_fields() const {
    return in_fields_ || (left_ > 0 && (head_.type == kHeaders || head_.type == kContinuation));
  }
  /// How many have begun.
  std::uint64_t field_sections() const { return field_sections_; }

 private:
  void on_head();
  void look_at_priority(std::string_view& octets);

  std::size_t preface_left_;
  std::array<unsigned char, 9> memory_{};
  std::size_t have_{0};  // octets of a frame's head
  std::size_t left_{0};  // octets of a frame's content
  std::uint64_t field_sections_{0};
  FrameHead head_;
  std::size_t priority_left_{0};  // octets up to the end of what a stream depends on
  std::uint32_t dependency_{0};
  bool bad_priority_{false};
  bool is_head_{false};
  bool in_fields_{false};  // until END_HEADERS
};

}  // namespace lb::http2
