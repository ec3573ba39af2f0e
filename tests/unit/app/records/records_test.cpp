#include "app/records/audit_chain.hpp"
#include "app/records/csv.hpp"
#include "app/records/icalendar.hpp"
#include "app/records/list_looks.hpp"
#include "tests/support/catch.hpp"

using namespace booking;
using namespace std::chrono_literals;

TEST_CASE("A cell is quoted, and nothing in it is computed", "[records][rfc4180]") {
  struct Row {
    std::string given;
    std::string written;
  };
  const auto row = GENERATE(
      Row{"홍길동", "\"홍길동\""}, Row{"", "\"\""}, Row{"a \"b\", c", "\"a \"\"b\"\", c\""},
      Row{"two\nlines", "\"two\nlines\""}, Row{"=1+1", "\"'=1+1\""}, Row{"+82", "\"'+82\""},
      Row{"-2", "\"'-2\""}, Row{"@SUM(A1)", "\"'@SUM(A1)\""}, Row{"\t=1", "\"'\t=1\""},
      Row{"  =1", "\"'  =1\""}, Row{"\"=1", "\"'\"\"=1\""}, Row{"＝1", "\"'＝1\""},
      Row{"a=1", "\"a=1\""}, Row{"010-1234-5678", "\"010-1234-5678\""});
  records::Csv csv{{"한"}};
  csv.add({row.given});
  CHECK(csv.text() == "\xEF\xBB\xBF\"한\"\r\n" + row.written + "\r\n");
}

TEST_CASE("A visit is an entry a calendar reads, in lines of at most 75 octets",
          "[records][rfc5545]") {
  const common::WallTime start{std::chrono::sys_days{2026y / 12 / 1} + 1h};
  const std::string address = "서울 종로구 세종대로 175, 101동 1001호; 지하 주차장 옆 관리실\n벨";
  const auto text = records::icalendar(
      "한빛, 설비", {{"7QK-M4X@bookd", start, 90min, start - 1h, 3, "누수 · 홍길동", address, ""}});
  CHECK(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  CHECK(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
  for (const auto* line :
       {"DTSTART:20261201T010000Z\r\n", "DTEND:20261201T023000Z\r\n",
        "DTSTAMP:20261201T000000Z\r\n", "SEQUENCE:3\r\n", "X-WR-CALNAME:한빛\\, 설비\r\n"})
    CHECK(text.find(line) != std::string::npos);
  std::string unfolded = text;
  std::size_t begin = 0;
  for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", begin)) {
    CHECK(end - begin <= 75);
    CHECK((static_cast<unsigned char>(text[begin]) & 0xC0U) != 0x80U);
    begin = end + 2;
  }
  for (auto at = unfolded.find("\r\n "); at != std::string::npos; at = unfolded.find("\r\n "))
    unfolded.erase(at, 3);
  CHECK(unfolded.find(
            "LOCATION:서울 종로구 세종대로 175\\, 101동 1001호\\; 지하 주차장 옆 관리실\\n벨") !=
        std::string::npos);
}

namespace {

records::AuditEntry entry(std::int64_t sequence) {
  return {sequence,    common::WallTime{1s * sequence}, "owner", "192.0.2.7", "booking.approve",
          "7QKM4X2N9", "requested -> approved"};
}

}  // namespace

TEST_CASE("The audit log's chain shows what was changed, taken out or cut off", "[records]") {
  std::vector<std::pair<records::AuditEntry, records::ChainHash>> chain;
  records::ChainHash head{};
  for (std::int64_t i = 1; i <= 5; ++i) {
    head = records::link(head, entry(i));
    chain.emplace_back(entry(i), head);
  }
  const auto good_until = [&] {
    records::ChainCheck check;
    for (const auto& [one, hash] : chain)
      if (!check.add(one, hash)) return check.entries();
    return check.ends_at(5, head) ? std::int64_t{5} : std::int64_t{-1};
  };
  CHECK(good_until() == 5);
  SECTION("a word is changed") {
    chain[2].first.actor = "staff";
    CHECK(good_until() == 2);
  }
  SECTION("a word moves from one field to the next") {
    chain[2].first.actor = "own";
    chain[2].first.address = "er192.0.2.7";
    CHECK(good_until() == 2);
  }
  SECTION("an entry is taken out") {
    chain.erase(chain.begin() + 1);
    CHECK(good_until() == 1);
  }
  SECTION("the last is cut off") {
    chain.pop_back();
    CHECK(good_until() == -1);
  }
  SECTION("a whole new end is forged, but the head is another one") {
    chain.back().first.detail = "nothing";
    chain.back().second = records::link(chain[3].second, chain.back().first);
    CHECK(good_until() == -1);
  }
}

TEST_CASE("A look at a list names whose data it showed, of a long one the first and a digest",
          "[records]") {
  CHECK(records::list_detail({"K7M29QX4C", "M4X7QKAB1"}) == "2: K7M29QX4C M4X7QKAB1");
  std::vector<std::string> many(records::kMostNamed + 1, "K7M29QX4C");
  const auto text = records::list_detail(many);
  CHECK(text.starts_with("51: K7M29QX4C K7M29QX4C"));
  const auto digest = text.find(" … sha256:");
  REQUIRE(digest != std::string::npos);
  CHECK(text.size() < 600);
  many.back() = "M4X7QKAB1";  // not named any more, and told apart all the same
  CHECK(records::list_detail(many) != text);
}

TEST_CASE("The same list before the same eyes is one look for ten minutes", "[records]") {
  records::ListLooks looks;
  const common::WallTime now{1h};
  CHECK(looks.is_news("owner", "2: A B", now));
  CHECK_FALSE(looks.is_news("owner", "2: A B", now + 9min));
  CHECK(looks.is_news("staff", "2: A B", now));            // another person
  CHECK(looks.is_news("owner", "3: A B C", now + 1min));   // another list
  CHECK(looks.is_news("owner", "3: A B C", now + 11min));  // a long time ago
  looks.forget("owner");                                   // the note of it failed
  CHECK(looks.is_news("owner", "3: A B C", now + 12min));
}

TEST_CASE("Of more lookers than it remembers the oldest is news again", "[records]") {
  records::ListLooks looks;
  const common::WallTime now{1h};
  for (std::size_t i = 0; i <= records::ListLooks::kMostLookers; ++i)
    CHECK(looks.is_news(std::to_string(i), "1: A", now + std::chrono::seconds{i}));
  CHECK(looks.is_news("0", "1: A", now + 5min));
  CHECK_FALSE(looks.is_news(std::to_string(records::ListLooks::kMostLookers), "1: A", now + 5min));
}
