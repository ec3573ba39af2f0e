#include "lb/http/trailers.hpp"

#include "lb/http/characters.hpp"

#include <algorithm>
#include <array>

namespace lb::http {
namespace {

constexpr std::size_t kLongestName = 64;  // of those below; longer ones are nobody's

/// In alphabetical order; beside those that `identify` knows.
constexpr std::array<std::string_view, 29> kHeadOnly{"accept-charset",
                                                     "accept-encoding",
                                                     "accept-language",
                                                     "accept-ranges",
                                                     "age",
                                                     "allow",
                                                     "alt-svc",
                                                     "cache-control",
                                                     "content-disposition",
                                                     "content-encoding",
                                                     "content-location",
                                                     "content-range",
                                                     "content-type",
                                                     "early-data",
                                                     "expires",
                                                     "from",
                                                     "location",
                                                     "origin",
                                                     "pragma",
                                                     "priority",
                                                     "range",
                                                     "referer",
                                                     "retry-after",
                                                     "server",
                                                     "user-agent",
                                                     "vary",
                                                     "via",
                                                     "www-authenticate",
                                                     "x-http-method-override"};
static_assert(std::is_sorted(kHeadOnly.begin(), kHeadOnly.end()));

constexpr std::array<std::string_view, 5> kHeadOnlyPrefixes{"access-control-", "if-", "proxy-",
                                                            "sec-", "x-auth-"};

}  // namespace

bool may_be_trailer(std::string_view name) {
  if (identify(name) != FieldId::Other) return false;
  if (name.size() > kLongestName) return true;
  std::array<char, kLongestName> memory{};
  for (std::size_t i = 0; i < name.size(); ++i)
    memory[i] = name[i] == '_' ? '-' : to_lower(name[i]);
  const std::string_view plain{memory.data(), name.size()};
  if (std::binary_search(kHeadOnly.begin(), kHeadOnly.end(), plain)) return false;
  return std::none_of(kHeadOnlyPrefixes.begin(), kHeadOnlyPrefixes.end(),
                      [&](std::string_view prefix) { return plain.starts_with(prefix); });
}

bool accepts_trailers(const Fields& fields) {
  bool accepts = false;
  for (const auto& field : fields)
    if (field.id == FieldId::Te)
      for_each_member(field.value, [&](std::string_view member) {
        accepts = accepts || equals_lower(member, "trailers");
      });
  return accepts;
}

std::string announced_trailers(const Fields& fields) {
  std::string names;
  for (const auto& field : fields)
    if (field.id == FieldId::Trailer)
      for_each_member(field.value, [&](std::string_view name) {
        if (!all_are(name, kToken) || !may_be_trailer(name)) return;
        if (!names.empty()) names.append(", ");
        names.append(name);
      });
  return names;
}

}  // namespace lb::http
