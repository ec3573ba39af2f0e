#include "app/core/booking.hpp"
#include "app/privacy/hex.hpp"
#include "app/store/sha256.hpp"
#include "app/web/pages.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>
#include <string_view>

namespace booking::web {
namespace {

struct Edition {
  std::string_view version;  // core::kNoticeVersion
  std::string_view digest;   // SHA-256 of `words()`
};

// Each as it was read, the latest last. A line that stands here stays as it is: consents were given
// to those words.
constexpr std::array kEditions{
    Edition{"2026-11", "17a2ed5254b38d3a8780108757ef7d8e4d4dd69abe6abba9b0f304b93ba7759c"},
};

/// What a guest reads between the two marks of the form, in both languages and without what the
/// page is built of.
std::string words() {
  constexpr std::string_view kBegin{"<section class=\"card quiet\" aria-labelledby=\"privacy\">"};
  const WebOptions options;
  std::string read;
  for (const auto language : {Language::Korean, Language::English}) {
    const auto page = request_page({options, language}, {}, {}, {});
    const auto begin = page.find(kBegin);
    REQUIRE(begin != std::string::npos);
    bool in_tag = false;
    for (const char c : page.substr(begin, page.find("</section>", begin) - begin)) {
      if (c == '<') in_tag = true;
      if (!in_tag) read += c;
      if (c == '>') in_tag = false;
    }
  }
  return read;
}

}  // namespace

TEST_CASE("Other words of the privacy notice are another version of it", "[booking][web]") {
  const auto read = words();
  for (const auto* part : {"제15조", "Art. 15", "소식과 할인", "news and offers"})
    CHECK_THAT(read, Catch::Matchers::Contains(part));
  INFO("new words: raise core::kNoticeVersion, and add a line with it to kEditions");
  CAPTURE(read);
  CHECK(kEditions.back().version == core::kNoticeVersion);
  CHECK(kEditions.back().digest == privacy::to_hex(store::sha256(read)));
  for (std::size_t i = 1; i < kEditions.size(); ++i)
    CHECK(kEditions[i - 1].version < kEditions[i].version);
}

}  // namespace booking::web
