#include "app/api/photo_links.hpp"

#include "app/auth/token.hpp"
#include "app/privacy/hex.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace booking::api {
namespace {

constexpr std::size_t kSignature = 16;  // octets

std::optional<core::BookingId> id_of(std::string_view text) {
  core::BookingId id{};
  const auto octets = privacy::from_hex(text);
  if (!octets || octets->size() != id.size()) return std::nullopt;
  std::ranges::copy(*octets, id.begin());
  return id;
}

std::int64_t hours_of(common::WallTime time) {
  return std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count();
}

}  // namespace

std::string PhotoLinks::url(const core::BookingId& photo, common::WallTime now) const {
  // Whole hours: the same address for a while, so that a browser may keep the picture.
  const auto text = privacy::to_hex(photo) + '.' + std::to_string(hours_of(now + kLifetime));
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
  const auto index = vault_.index("photo", id_and_expiry);
  return privacy::to_hex(std::span{index}.first(kSignature));
}

}  // namespace booking::api
