#include "app/web/client/client_files.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace booking;

TEST_CASE("The best coding a browser takes is chosen", "[web][rfc9110-12.5.3]") {
  struct Row {
    std::string accepted;
    std::string chosen;
  };
  const auto row =
      GENERATE(Row{"", ""}, Row{"gzip, deflate, br, zstd", "br"}, Row{"gzip", "gzip"},
               Row{"br;q=0, gzip", "gzip"}, Row{"br;q=0.000", ""}, Row{"gzip;q=0.5,br;q=0.1", "br"},
               Row{"identity", ""}, Row{"xbr, gzipx", ""});
  CHECK(client::choose_coding(row.accepted) == row.chosen);
}

TEST_CASE("The page names scripts and styles that are there, in each coding", "[web]") {
  const auto page = client::index_page("");
  REQUIRE(page);
  CHECK(page->content_type == "text/html; charset=utf-8");
  const std::string text{page->content};
  constexpr std::string_view kPlace = "/admin/assets/";
  int found = 0;
  for (auto at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at + 1)) {
    const auto begin = at + kPlace.size();
    const auto name = text.substr(begin, text.find('"', begin) - begin);
    const auto plain = client::find_asset(name, "");
    REQUIRE(plain);
    CHECK(plain->content.size() > 100);
    CHECK(client::find_asset(name, "br")->content.size() < plain->content.size());
    CHECK(client::find_asset(name, "gzip")->content.substr(0, 2) == "\x1f\x8b");
    ++found;
  }
  CHECK(found >= 2);
  CHECK_FALSE(client::find_asset("../index.html", ""));
  CHECK_FALSE(client::find_asset("RELEASE", ""));
  CHECK_FALSE(client::find_asset("nothing.js", ""));
}
