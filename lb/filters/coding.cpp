#include "lb/filters/coding.hpp"

#include "lb/http/characters.hpp"

#include <array>
#include <optional>

namespace lb::filters {
namespace {

constexpr std::size_t kCodings = 4;

/// A qvalue in thousandths (RFC 9110 §12.4.2); nothing when it is none.
std::optional<unsigned> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  unsigned value = text[0] == '1' ? 1000 : 0;
  if (text.size() == 1) return value;
  if (text[1] != '.') return std::nullopt;
  unsigned unit = 100;
  for (const char digit : text.substr(2)) {
    if (!http::is(digit, http::kDigit)) return std::nullopt;
    value += static_cast<unsigned>(digit - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? std::optional{value} : std::nullopt;
}

/// Of `gzip;q=0.5`; 0 for what cannot be read: it is then not used.
unsigned quality_of(std::string_view member) {
  const auto semicolon = member.find(';');
  if (semicolon == std::string_view::npos) return 1000;
  const auto weight = http::trim(member.substr(semicolon + 1));
  if (weight.size() < 2 || http::to_lower(weight[0]) != 'q' || weight[1] != '=') return 0;
  return parse_quality(weight.substr(2)).value_or(0);
}

std::optional<Coding> coding_of(std::string_view name) {
  if (http::equals_lower(name, "gzip") || http::equals_lower(name, "x-gzip")) return Coding::Gzip;
  if (http::equals_lower(name, "zstd")) return Coding::Zstd;
  if (http::equals_lower(name, "br")) return Coding::Brotli;
  if (http::equals_lower(name, "identity")) return Coding::Identity;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Coding coding) {
  static constexpr std::array<std::string_view, kCodings> kNames{"identity", "gzip", "zstd", "br"};
  return kNames.at(static_cast<std::size_t>(coding));
}

Coding choose_coding(const http::Fields& fields, std::span<const Coding> offered) {
  std::array<std::optional<unsigned>, kCodings> qualities{};
  std::optional<unsigned> others;
  for (const auto& field : fields) {
    if (!http::equals_lower(field.name, "accept-encoding")) continue;
    http::for_each_member(field.value, [&](std::string_view member) {
      const auto name = http::trim(member.substr(0, member.find(';')));
      const auto quality = quality_of(member);
      if (name == "*") others = quality;
      if (const auto coding = coding_of(name))
        qualities.at(static_cast<std::size_t>(*coding)) = quality;
    });
  }
  Coding best = Coding::Identity;
  // Identity is always fit unless it is refused, which we then cannot help; it is wanted more than
  // a coding only where its weight says so.
  unsigned most = qualities[0].value_or(0);
  if (most > 0) --most;  // among equals a coding goes before none
  for (const auto coding : offered) {
    const auto quality =
        qualities.at(static_cast<std::size_t>(coding)).value_or(others.value_or(0));
    if (quality <= most) continue;
    best = coding;
    most = quality;
  }
  return best;
}

}  // namespace lb::filters
