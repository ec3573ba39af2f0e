#include "app/web/pages.hpp"

#include "app/web/assets.hpp"
#include "tests/support/catch.hpp"

namespace booking::web {
namespace {

using Catch::Matchers::Contains;

const WebOptions kOptions{.business_name = "한빛 & 설비", .emergency_phone = "02-123-4567"};

RequestForm filled_form() {
  return {.key = "k-1",
          .service = "clog",
          .description = "<script>alert(1)</script>",
          .address = "\" onfocus=\"x",
          .name = "홍길동",
          .phone = "010-1234-5678",
          .preferred = {{{"2026-12-01", "afternoon"}, {}, {}}}};
}

}  // namespace

TEST_CASE("The request form carries its key and names the business", "[booking][web]") {
  const auto page = request_page(kOptions, {.key = "abc"}, {}, Notice::None);
  CHECK_THAT(page, Contains("name=\"key\" value=\"abc\""));
  CHECK_THAT(page, Contains("한빛 &amp; 설비"));
  CHECK_THAT(page, Contains("href=\"tel:02-123-4567\""));
  CHECK_THAT(page, !Contains("role=\"alert\""));
}

TEST_CASE("Without an emergency phone there is no banner", "[booking][web]") {
  CHECK_THAT(request_page({}, {}, {}, Notice::None), !Contains("tel:"));
}

TEST_CASE("A form that comes back keeps what the guest wrote, as text", "[booking][web]") {
  const auto page = request_page(kOptions, filled_form(), {}, Notice::None);
  CHECK_THAT(page, Contains("&lt;script&gt;alert(1)&lt;/script&gt;</textarea>"));
  CHECK_THAT(page, Contains("value=\"&quot; onfocus=&quot;x\""));
  CHECK_THAT(page, Contains("value=\"clog\" required checked>"));
  CHECK_THAT(page, Contains("value=\"2026-12-01\""));
  CHECK_THAT(page, Contains("<option value=\"afternoon\" selected>"));
  CHECK_THAT(page, !Contains("<script"));
}

TEST_CASE("A fault is tied to its field and listed above the form", "[booking][web]") {
  const auto page = request_page(
      kOptions, filled_form(), {{"phone", "번호를 확인해 주세요."}, {"date-0", "지난 날짜입니다."}},
      Notice::Faults);
  CHECK_THAT(page, Contains("aria-invalid=\"true\" aria-describedby=\"phone-hint phone-fault\""));
  CHECK_THAT(page, Contains("id=\"phone-fault\">번호를 확인해 주세요.<"));
  CHECK_THAT(page, Contains("<a href=\"#date-0\">희망 방문일 1</a>"));
  CHECK_THAT(page, Contains("role=\"alert\""));
}

TEST_CASE("No page carries script or style of its own", "[booking][web]") {
  const auto page = GENERATE(
      request_page(kOptions, filled_form(), {}, Notice::SentBefore),
      request_done_page(kOptions, "K7M-29Q-X4C"), lookup_page(kOptions, {}, {}, Notice::NotFound),
      lookup_found_page(kOptions, {"K7M-29Q-X4C", "approved", "leak", "오늘", "내일"}),
      message_page(kOptions, "없음", "없습니다"));
  CHECK_THAT(page, !Contains("<script"));
  CHECK_THAT(page, !Contains("<style"));
  CHECK_THAT(page, !Contains("style=\""));
  CHECK_THAT(page, !Contains("{{"));
  CHECK_THAT(page, Contains("<html lang=\"ko\">"));
}

TEST_CASE("An asset is found by its present name and by that of the release before",
          "[booking][web]") {
  const auto style = find_asset(style_path());
  REQUIRE(style);
  CHECK(style->content_type == "text/css; charset=utf-8");
  CHECK(find_asset("/assets/style-000000000000.css"));
  CHECK(find_asset(icon_path()));
  CHECK_FALSE(find_asset("/assets/other.css"));
}

}  // namespace booking::web
