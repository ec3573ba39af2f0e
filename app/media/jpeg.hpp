#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace booking::media {

inline constexpr std::size_t kMostSegments = 512;
inline constexpr unsigned kLargestSide = 12000;  // pixels

/// Why octets are no picture of ours.
enum class JpegFault {
  NotJpeg,      // the magic octets are others
  Malformed,    // segments that do not fit together
  Truncated,    // ends before its end marker
  Unsupported,  // arithmetic coding, lossless, hierarchical
  TooLarge      // more pixels or segments than anybody's photo
};
std::string_view to_string(JpegFault fault);

struct Jpeg {
  std::string octets;
  std::uint16_t width{0};
  std::uint16_t height{0};
};

/// The same picture and nothing else: every application segment but a fresh JFIF one, Adobe's
/// colour transform and an ICC profile, every comment and everything after the end marker are gone;
/// so are Exif (place, device, time, thumbnail), XMP and IPTC. Segment lengths, tables before their
/// use, one frame and its end are checked; what lies inside the scans is not decoded.
std::variant<Jpeg, JpegFault> strip_jpeg(std::string_view octets);

}  // namespace booking::media
