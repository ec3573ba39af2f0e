#include "app/web/pages.hpp"

#include "app/web/assets.hpp"
#include "app/web/fonts/font_files.hpp"
#include "app/web/qr.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <sstream>
#include <string>
#include <vector>

namespace booking::web {
namespace {

using Catch::Matchers::Contains;

const WebOptions kOptions{
    .business_name = "한빛 & 설비", .public_url = {}, .emergency_phone = "02-123-4567"};

const View kView{kOptions};

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
  const auto page = request_page(kView, {.key = "abc"}, {}, {});
  CHECK_THAT(page, Contains("name=\"key\" value=\"abc\""));
  CHECK_THAT(page, Contains("한빛 &amp; 설비"));
  CHECK_THAT(page, Contains("href=\"tel:02-123-4567\""));
  CHECK_THAT(page, !Contains("role=\"alert\""));
  CHECK_THAT(page, !Contains(" checked"));  // consents are given, never assumed
}

TEST_CASE("The valve is to be shut whether or not there is somebody to call", "[booking][web]") {
  const WebOptions plain;
  const auto page = request_page({plain}, {}, {}, {});
  CHECK_THAT(page, Contains("<aside class=\"emergency\" aria-label=\"물이 새고 있을 때\">"));
  CHECK_THAT(page, Contains("밸브를 먼저 잠가 주세요."));
  CHECK_THAT(page, !Contains("tel:"));
  CHECK_THAT(request_page(kView, {}, {}, {}), Contains("밸브를 먼저 잠그고 전화해 주세요."));
}

TEST_CASE("The building and the way in it are asked for apart", "[booking][web]") {
  const RequestForm form{
      .key = "abc", .service = "leak", .address = "월드컵로 1", .address_detail = "101동 <202>호"};
  CHECK_THAT(request_page(kView, form, {}, {}),
             Contains("name=\"address_detail\" autocomplete=\"address-line2\" value=\"101동 "
                      "&lt;202&gt;호\""));
  const auto review = review_page(kView, form);
  CHECK_THAT(review, Contains("<dd>월드컵로 1<br>101동 &lt;202&gt;호</dd>"));
  CHECK_THAT(review, Contains("name=\"address_detail\" value=\"101동 &lt;202&gt;호\""));
}

TEST_CASE("The fields for days know when the shop comes", "[booking][web]") {
  const auto page =
      request_page(kView, {.key = "abc"}, {}, {},
                   {"2026-12-01", "2026-12-20", "2026-12-06 2026-12-13", "쉬는 날: 일 & 공휴일."});
  CHECK_THAT(page, Contains("data-rest=\"2026-12-06 2026-12-13\""));
  CHECK_THAT(page, Contains("min=\"2026-12-01\" max=\"2026-12-20\""));
  CHECK_THAT(page, Contains("id=\"preferred-hint\">쉬는 날: 일 &amp; 공휴일.<"));
  CHECK_THAT(request_page(kView, {}, {}, {}), !Contains(" min=\""));
}

TEST_CASE("A time can be chosen among those that some day has", "[booking][web]") {
  const DayOffer offer{.first = "2026-12-04",
                       .last = "2026-12-07",
                       .rest = "2026-12-06",
                       .times = {"09:00", "14:00"},
                       .sets = "09:00 14:00|09:00",
                       .set_of_day = "0 1 - 0"};
  auto form = filled_form();
  form.preferred[0].window = "14:00";
  const auto page = request_page(kView, form, {}, {}, offer);
  for (const char* part : {"<optgroup label=\"시각 지정\"><option value=\"09:00\">09:00</option>",
                           "<option value=\"14:00\" selected>14:00</option></optgroup>",
                           "data-sets=\"09:00 14:00|09:00\"", "data-set-of-day=\"0 1 - 0\""})
    CHECK_THAT(page, Contains(part));
  CHECK_THAT(request_page(kView, form, {}, {}), !Contains("<optgroup"));
  CHECK_THAT(review_page(kView, form), Contains("<dd>2026-12-01 14:00</dd>"));
}

TEST_CASE("A form that comes back keeps what the guest wrote, as text", "[booking][web]") {
  const auto page = request_page(kView, filled_form(), {}, {});
  CHECK_THAT(page, Contains("&lt;script&gt;alert(1)&lt;/script&gt;</textarea>"));
  CHECK_THAT(page, Contains("value=\"&quot; onfocus=&quot;x\""));
  CHECK_THAT(page, Contains("value=\"clog\" required checked>"));
  CHECK_THAT(page, Contains("value=\"2026-12-01\""));
  CHECK_THAT(page, Contains("<option value=\"afternoon\" selected>"));
  CHECK_THAT(page, !Contains("<script>"));
}

TEST_CASE("A fault is tied to its field and listed above the form", "[booking][web]") {
  const auto page = request_page(
      kView, filled_form(), {{"phone", "번호를 확인해 주세요."}, {"date-0", "지난 날짜입니다."}},
      {"faults"});
  CHECK_THAT(page, Contains("aria-invalid=\"true\" aria-describedby=\"phone-hint phone-fault\""));
  CHECK_THAT(page, Contains("id=\"phone-fault\">번호를 확인해 주세요.<"));
  CHECK_THAT(page, Contains("<a href=\"#date-0\">희망 방문일 1</a>"));
  CHECK_THAT(page, Contains("role=\"alert\""));
}

TEST_CASE("The review shows everything and sends it all along", "[booking][web]") {
  auto form = filled_form();
  form.marketing = true;
  form.photos = {"/photos/a"};
  const auto page = review_page(kView, form);
  for (const char* part : {"name=\"description\" value=\"&lt;script&gt;", "2026-12-01 오후",
                           "name=\"marketing\" value=\"yes\"", "src=\"/photos/a\""})
    CHECK_THAT(page, Contains(part));
  CHECK_THAT(page, !Contains("keep_photos"));
}

TEST_CASE("A guest's page offers what can be done and nothing else", "[booking][web]") {
  FoundBooking booking{.number = "K7M-29Q-X4C", .status = "quoted", .service = "leak"};
  CHECK_THAT(lookup_found_page(kView, booking, {}, {}), !Contains("/manage/cancel"));
  booking.moves = {"accept", "decline", "change", "cancel"};
  booking.items = {{"출장비", "30,000"}};
  booking.total = "30,000";
  const auto page = lookup_found_page(kView, booking, {}, {"moved", true});
  for (const char* part : {"/manage/accept", "/manage/decline", "/manage/change", "/manage/cancel",
                           "/manage/photos", "30,000 원", "role=\"status\""})
    CHECK_THAT(page, Contains(part));
  booking.status = "done";
  CHECK_THAT(lookup_found_page(kView, booking, {}, {}), !Contains("/manage/photos"));
}

TEST_CASE("A change that was not taken stands there as it was typed, with why", "[booking][web]") {
  const FoundBooking booking{.number = "K7M-29Q-X4C",
                             .status = "requested",
                             .service = "leak",
                             .moves = {"change"},
                             .words_can_change = true};
  CHECK_THAT(lookup_found_page(kView, booking, {}, {}), Contains("<details class=\"card\">"));
  const auto page =
      lookup_found_page(kView, booking, {}, {"faults"}, filled_form(),
                        {{"new-phone", "번호를 확인해 주세요."}, {"date-0", "지난 날짜입니다."}});
  for (const char* part : {"<details class=\"card\" open>", "&lt;/script&gt;</textarea>",
                           "aria-describedby=\"new-phone-hint new-phone-fault\"",
                           "id=\"new-phone-fault\">번호를 확인해 주세요.<", "value=\"2026-12-01\"",
                           "<a href=\"#new-phone\">새 휴대전화 번호</a>", "id=\"date-0-fault\""})
    CHECK_THAT(page, Contains(part));
}

TEST_CASE("The work that opened a booking goes along with what is done next", "[booking][web]") {
  FoundBooking booking{.number = "K7M-29Q-X4C",
                       .status = "requested",
                       .service = "leak",
                       .moves = {"change", "cancel"}};
  CHECK_THAT(lookup_found_page(kView, booking, {}, {}), !Contains("name=\"proof\""));
  booking.proof = "challenge:7";
  auto page = lookup_found_page(kView, booking, {}, {});
  int forms = 0;
  for (auto at = page.find("name=\"proof\" value=\"challenge:7\""); at != std::string::npos;
       at = page.find("name=\"proof\"", at + 1))
    ++forms;
  CHECK(forms == 3);  // change, cancel and photos
}

TEST_CASE("No page carries script or style of its own, in neither language", "[booking][web]") {
  const View view{kOptions, GENERATE(Language::Korean, Language::English)};
  FoundBooking found{.number = "K7M-29Q-X4C",
                     .status = "approved",
                     .service = "leak",
                     .visit = "내일",
                     .events = {{"오늘", "request", ""}}};
  for (const auto& page :
       {request_page(view, filled_form(), {}, {"sent_before"}), review_page(view, filled_form()),
        request_done_page(view, "K7M-29Q-X4C", qr_svg("K7M-29Q-X4C")),
        lookup_page(view, {}, {}, {"not_found"}, {"challenge", 14, 3}), listed_page(view, {}),
        listed_page(view, {{"K7M-•••-••C", "done", "clog", "어제"}}),
        lookup_found_page(view, found, {}, {}), message_page(view, "없음", "없습니다")}) {
    CHECK_THAT(page, !Contains("<script>"));
    CHECK_THAT(page, !Contains("<style"));
    CHECK_THAT(page, !Contains("style=\""));
    CHECK_THAT(page, !Contains("onclick"));
    CHECK_THAT(page, !Contains("{{"));
    CHECK_THAT(page, Contains("<html lang=\"" + std::string{to_string(view.language)} + "\">"));
  }
}

TEST_CASE("Both languages say the same things", "[booking][web]") {
  const auto& korean = texts(Language::Korean);
  const auto& english = texts(Language::English);
  CHECK(korean.size() > 100);
  for (const auto& [key, sentence] : korean) {
    CAPTURE(key);
    CHECK_FALSE(sentence.empty());
    CHECK(english.contains(key));
  }
  CHECK(english.size() == korean.size());
}

TEST_CASE("A QR code is one picture without script", "[booking][web]") {
  const auto svg = qr_svg("https://book.example.kr/lookup?number=K7M-29Q-X4C");
  CHECK(svg.starts_with("<svg "));
  CHECK_THAT(svg, Contains("<path stroke=\"#000\" d=\"M4 4.5h7"));
  CHECK(qr_svg(std::string(5000, 'x')).empty());
}

TEST_CASE("A QR code has its finder patterns in three corners", "[booking][web]") {
  const auto svg = qr_svg("otpauth://totp/a:b?secret=AAAA");
  // The strokes of each row, drawn again.
  std::vector<std::string> rows;
  const auto from = svg.find(" d=\"") + 4;
  std::istringstream path{svg.substr(from, svg.find('"', from) - from)};
  char letter = 0;
  double number = 0;
  while (path >> letter) {
    path >> number;
    const auto count = static_cast<std::size_t>(number);
    if (letter == 'M') rows.emplace_back(count, '.');
    if (letter == 'm') rows.back().append(count, '.');
    if (letter == 'h') rows.back().append(count, '#');
    if (letter != 'h') path >> number;
  }
  REQUIRE(rows.size() >= 21);
  for (auto& row : rows) row.resize(rows.size() + 4, '.');
  const std::array<std::string, 7> finder{"#######", "#.....#", "#.###.#", "#.###.#",
                                          "#.###.#", "#.....#", "#######"};
  const auto far = rows.size() - finder.size();
  for (std::size_t i = 0; i < finder.size(); ++i) {
    CHECK(rows[i].substr(4, 7) == finder[i]);
    CHECK(rows[i].substr(4 + far, 7) == finder[i]);
    CHECK(rows[far + i].substr(4, 7) == finder[i]);
  }
}

TEST_CASE("The font's style sheet names files that are there, and has our own words in the first",
          "[booking][web]") {
  const std::string css{find_asset(fonts_path()).value().content};
  constexpr std::string_view kPlace = "url(/fonts/";
  std::size_t found = 0;
  for (auto at = css.find(kPlace); at != std::string::npos; at = css.find(kPlace, at + 1)) {
    const auto begin = at + kPlace.size();
    const auto font = fonts::find_font(css.substr(begin, css.find(')', begin) - begin));
    REQUIRE(font);
    CHECK(font->starts_with("wOF2"));
    CHECK(font->size() < 100 * 1024);
    ++found;
  }
  CHECK(found == 9);
  CHECK_FALSE(fonts::find_font("ui.woff2"));
}

TEST_CASE("Compressed assets are smaller than what they stand for", "[booking][web]") {
  const auto style = find_asset(style_path()).value();
  CHECK(style.gzip.size() < style.content.size() / 2);
  CHECK(style.brotli.size() < style.gzip.size());
  const auto script = find_asset(script_path()).value();
  CHECK(script.gzip.size() < 30 * 1024);  // the budget of a guest's page
}

TEST_CASE("An asset is found by its name, and one of its kind stands in for an unknown digest",
          "[booking][web]") {
  const auto style = find_asset(style_path());
  REQUIRE(style);
  CHECK(style->content_type == "text/css; charset=utf-8");
  CHECK_FALSE(find_asset("/assets/style-000000000000.css"));
  CHECK(find_stand_in("/assets/style-000000000000.css").value().content == style->content);
  CHECK(find_asset(icon_path()));
  CHECK_FALSE(find_stand_in("/assets/other.css"));
  CHECK_FALSE(find_asset("/assets/other.css"));
}

}  // namespace booking::web
