#include "app/api/photo_links.hpp"

#include "app/auth/token.hpp"

#include <charconv>

namespace booking::api {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kSignature = 16;  // octets

template <class Octets>
std::string hex(const Octets& octets, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[octets[i] >> 4U];
    text += kDigits[octets[i] & 0x0FU];
  }
  return text;
}

std::optional<core::BookingId> id_of(std::string_view text) {
  core::BookingId id{};
  if (text.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto high = kDigits.find(text[2 * i]);
    const auto low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

std::int64_t hours_of(common::WallTime time) {
  return std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count();
}

}  // namespace

std::string PhotoLinks::url(const core::BookingId& photo, common::WallTime now) const {
  // Whole hours: the same address for a while, so that a browser may keep the picture.
  const auto text = hex(photo, photo.size()) + '.' + std::to_string(hours_of(now + kLifetime));
  return "/photos/" + text + '.' + signature(text);
}

std::optional<core::BookingId> PhotoLinks::read(std::string_view name, common::WallTime now) const {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto text = name.substr(0, dot);
  if (!auth::same_secret(name.substr(dot + 1), signature(text))) return std::nullopt;
  const auto middle = text.find('.');
  if (middle == std::string_view::npos) return std::nullopt;
  std::int64_t expiry = 0;
  std::from_chars(text.data() + middle + 1, text.data() + text.size(), expiry);
  if (expiry < hours_of(now)) return std::nullopt;
  return id_of(text.substr(0, middle));
}

std::string PhotoLinks::signature(std::string_view id_and_expiry) const {
  return hex(vault_.index("photo", id_and_expiry), kSignature);
}

}  // namespace booking::api
