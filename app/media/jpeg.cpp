#include "app/media/jpeg.hpp"

#include <array>
#include <optional>

namespace booking::media {
namespace {

// Markers, T.81 table B.1.
constexpr std::uint8_t kSof0 = 0xC0;
constexpr std::uint8_t kSof2 = 0xC2;
constexpr std::uint8_t kDht = 0xC4;
constexpr std::uint8_t kDac = 0xCC;
constexpr std::uint8_t kRst0 = 0xD0;
constexpr std::uint8_t kRst7 = 0xD7;
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;
constexpr std::uint8_t kDqt = 0xDB;
constexpr std::uint8_t kDri = 0xDD;
constexpr std::uint8_t kApp0 = 0xE0;
constexpr std::uint8_t kApp2 = 0xE2;
constexpr std::uint8_t kApp14 = 0xEE;
constexpr std::uint8_t kApp15 = 0xEF;
constexpr std::uint8_t kCom = 0xFE;

constexpr std::string_view kJfif{"\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
                                 18};
constexpr std::string_view kIcc{"ICC_PROFILE\0", 12};
constexpr std::string_view kAdobe{"Adobe", 5};
constexpr std::size_t kAdobeLength = 12;
constexpr std::size_t kLargestProfile = 64 * 1024;  // all its segments together

std::uint8_t octet(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

std::uint16_t number(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(octet(text, at) << 8U | octet(text, at + 1));
}

class Stripper {
 public:
  explicit Stripper(std::string_view in) : in_{in} { out_.octets.reserve(in.size()); }

  std::variant<Jpeg, JpegFault> run() {
    if (in_.size() < 4 || !in_.starts_with("\xFF\xD8\xFF")) return JpegFault::NotJpeg;
    out_.octets.append("\xFF\xD8").append(kJfif);
    at_ = 2;
    for (std::size_t segments = 0; segments < kMostSegments; ++segments) {
      const auto marker = next_marker();
      if (!marker) return fault_;
      if (*marker == kEoi) {
        if (!scanned_) return JpegFault::Malformed;
        out_.octets.append("\xFF\xD9");
        return std::move(out_);
      }
      if (const auto fault = segment(*marker)) return *fault;
    }
    return JpegFault::TooLarge;
  }

 private:
  /// The marker at hand; fill octets before it are allowed (B.1.1.2).
  std::optional<std::uint8_t> next_marker() {
    fault_ = JpegFault::Truncated;
    if (at_ >= in_.size()) return std::nullopt;
    fault_ = JpegFault::Malformed;
    if (octet(in_, at_) != 0xFF) return std::nullopt;
    while (at_ < in_.size() && octet(in_, at_) == 0xFF) ++at_;
    fault_ = JpegFault::Truncated;
    if (at_ >= in_.size()) return std::nullopt;
    const auto marker = octet(in_, at_++);
    fault_ = JpegFault::Malformed;
    if (marker == 0 || marker == kSoi || (marker >= kRst0 && marker <= kRst7) || marker == 0x01)
      return std::nullopt;
    return marker;
  }

  std::optional<JpegFault> segment(std::uint8_t marker) {
    if (in_.size() - at_ < 2) return JpegFault::Truncated;
    const std::size_t length = number(in_, at_);
    if (length < 2) return JpegFault::Malformed;
    if (in_.size() - at_ < length) return JpegFault::Truncated;
    const auto body = in_.substr(at_ + 2, length - 2);
    at_ += length;
    if (marker == kSos) return scan(body);
    if (marker >= kSof0 && marker <= 0xCF && marker != kDht && marker != kDac && marker != 0xC8)
      return frame(marker, body);
    if (marker == kDqt || marker == kDht || marker == kDri) {
      quantised_ = quantised_ || marker == kDqt;
      keep(marker, body);
      return std::nullopt;
    }
    if (marker >= kApp0 && marker <= kApp15) return application(marker, body);
    if (marker == kCom) return std::nullopt;
    return JpegFault::Unsupported;
  }

  std::optional<JpegFault> frame(std::uint8_t marker, std::string_view body) {
    if (marker > kSof2) return JpegFault::Unsupported;
    if (framed_ || body.size() < 6) return JpegFault::Malformed;
    const std::size_t components = octet(body, 5);
    if (octet(body, 0) != 8 || components < 1 || components > 4) return JpegFault::Unsupported;
    if (body.size() != 6 + 3 * components) return JpegFault::Malformed;
    out_.height = number(body, 1);
    out_.width = number(body, 3);
    if (out_.width == 0 || out_.height == 0) return JpegFault::Malformed;
    if (out_.width > kLargestSide || out_.height > kLargestSide) return JpegFault::TooLarge;
    framed_ = true;
    keep(marker, body);
    return std::nullopt;
  }

  std::optional<JpegFault> scan(std::string_view body) {
    if (!framed_ || !quantised_ || body.empty()) return JpegFault::Malformed;
    const std::size_t components = octet(body, 0);
    if (components < 1 || components > 4 || body.size() != 4 + 2 * components)
      return JpegFault::Malformed;
    keep(kSos, body);
    scanned_ = true;
    // Entropy-coded octets up to the next marker that is neither a stuffed zero nor a restart.
    const auto begin = at_;
    while (true) {
      const auto found = in_.find('\xFF', at_);
      if (found == std::string_view::npos || found + 1 >= in_.size()) return JpegFault::Truncated;
      const auto next = octet(in_, found + 1);
      if (next == 0 || (next >= kRst0 && next <= kRst7)) {
        at_ = found + 2;
        continue;
      }
      at_ = found;
      out_.octets.append(in_.substr(begin, at_ - begin));
      return std::nullopt;
    }
  }

  std::optional<JpegFault> application(std::uint8_t marker, std::string_view body) {
    if (marker == kApp14 && body.starts_with(kAdobe) && body.size() >= kAdobeLength)
      keep(marker, body.substr(0, kAdobeLength));
    if (marker == kApp2 && body.starts_with(kIcc)) {
      profile_ += body.size();
      if (profile_ <= kLargestProfile) keep(marker, body);
    }
    return std::nullopt;
  }

  void keep(std::uint8_t marker, std::string_view body) {
    const auto length = body.size() + 2;
    out_.octets += '\xFF';
    out_.octets += static_cast<char>(marker);
    out_.octets += static_cast<char>(length >> 8U);
    out_.octets += static_cast<char>(length & 0xFFU);
    out_.octets.append(body);
  }

  std::string_view in_;
  std::size_t at_{0};
  Jpeg out_;
  JpegFault fault_{JpegFault::Malformed};
  bool framed_{false};
  bool quantised_{false};
  bool scanned_{false};
  std::size_t profile_{0};
};

}  // namespace

std::string_view to_string(JpegFault fault) {
  constexpr std::array<std::string_view, 5> kWords{"not_jpeg", "malformed", "truncated",
                                                   "unsupported", "too_large"};
  return kWords.at(static_cast<std::size_t>(fault));
}

std::variant<Jpeg, JpegFault> strip_jpeg(std::string_view octets) { return Stripper{octets}.run(); }

}  // namespace booking::media
