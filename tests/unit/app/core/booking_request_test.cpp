#include "app/core/booking_request.hpp"

#include "app/core/amendment.hpp"
#include "tests/support/catch.hpp"

#include <map>

using namespace booking::core;

namespace {

const auto kNow = parse_rfc3339("2026-11-30T12:00:00+09:00").value();

BookingDraft good() {
  return {"leak",
          "물이 샙니다\n어제부터",
          "서울시 마포구 1",
          {},
          "홍길동",
          "010-1234-5678",
          {{"2026-12-01", "morning"}, {"2026-12-02", ""}}};
}

std::map<std::string, std::string> faults_of(const BookingDraft& draft) {
  const auto checked = validate(draft, kNow, usual_calendar());
  CHECK(checked.request.has_value() == checked.errors.empty());
  std::map<std::string, std::string> faults;
  for (const auto& error : checked.errors) {
    CHECK_FALSE(error.korean.empty());
    CHECK_FALSE(error.english.empty());
    CHECK(faults.emplace(error.pointer, error.code).second);
  }
  return faults;
}

using Faults = std::map<std::string, std::string>;

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("A good draft becomes a request, trimmed and normalised", "[app][core]") {
  auto draft = good();
  draft.name = "  홍길동\t";
  const auto checked = validate(draft, kNow, usual_calendar());
  REQUIRE(checked.request);
  CHECK(checked.request->service == Service::Leak);
  CHECK(checked.request->name == "홍길동");
  CHECK(checked.request->phone.e164() == "+821012345678");
  CHECK(checked.request->preferred ==
        std::vector<PreferredWindow>{{parse_date("2026-12-01").value(), DayPart::Morning},
                                     {parse_date("2026-12-02").value(), DayPart::Any}});
}

TEST_CASE("What cannot wait is another request than what can", "[app][core]") {
  auto draft = good();
  const auto patient = validate(draft, kNow, usual_calendar());
  draft.urgent = true;
  const auto urgent = validate(draft, kNow, usual_calendar());
  REQUIRE(urgent.request);
  CHECK(urgent.request->urgent);
  CHECK(canonical_text(*urgent.request) != canonical_text(*patient.request));
}

TEST_CASE("Everything wrong is told at once", "[app][core]") {
  CHECK(faults_of({}) == Faults{{"/service", "required"},
                                {"/description", "required"},
                                {"/address", "required"},
                                {"/name", "required"},
                                {"/phone", "required"}});
  auto draft = good();
  draft.service = "flood";
  draft.phone = "12";
  draft.preferred = {{"", "noon"}, {"2026-02-30", "any"}};
  CHECK(faults_of(draft) == Faults{{"/service", "invalid"},
                                   {"/phone", "invalid"},
                                   {"/preferred/0/date", "required"},
                                   {"/preferred/0/window", "invalid"},
                                   {"/preferred/1/date", "invalid"}});
}

TEST_CASE("Lengths are counted in characters, not octets", "[app][core]") {
  auto draft = good();
  draft.name = repeated("홍", kMaxName);
  draft.address = repeated("🏠", kMaxAddress);
  draft.description = repeated("물", kMaxDescription);
  CHECK(faults_of(draft).empty());
  draft.name += "홍";
  draft.address += "a";
  draft.description += "a";
  CHECK(faults_of(draft) ==
        Faults{{"/name", "too_long"}, {"/address", "too_long"}, {"/description", "too_long"}});
}

TEST_CASE("Text that is not UTF-8 or holds control characters is refused", "[app][core]") {
  const auto bad =
      GENERATE(as<std::string>{}, "a\x01z", "a\x7fz", "\xff", "\xc0\xaf", "\xed\xa0\x80",
               "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf5\x80\x80\x80", "a\xc2\x85z");
  auto draft = good();
  draft.description = bad;
  CHECK(faults_of(draft) == Faults{{"/description", "invalid"}});
}

TEST_CASE("What cannot be seen is not there", "[app][core]") {
  const auto unseen = GENERATE(as<std::string>{}, "\u3000", "\u3164", "\u200B\u200D", "\u202E",
                               "\u115F\u1160", "\uFEFF \u00A0", "\U000E0041");
  auto draft = good();
  draft.name = unseen;
  CHECK(faults_of(draft) == Faults{{"/name", "required"}});
  draft.name = "홍" + unseen;
  draft.address_detail = unseen;  // may be empty, and is
  CHECK(faults_of(draft).empty());
  CHECK(validate(draft, kNow, usual_calendar()).request->address_detail.empty());
}

TEST_CASE("A guest's text turns nothing that stands beside it", "[app][core]") {
  auto draft = good();
  draft.name = "\u202Egnp\u202C 홍";
  draft.address = "\u2068서울\u2069 שלום \u200F1";
  const auto checked = validate(draft, kNow, usual_calendar());
  REQUIRE(checked.request);
  CHECK(checked.request->name == "gnp 홍");
  CHECK(checked.request->address == "서울 שלום \u200F1");
  CHECK(checked_reason("\u202Eabc\u2066") == "abc");
}

TEST_CASE("A line break may stand in a description and nowhere else", "[app][core]") {
  auto draft = good();
  draft.description = "a\r\nb\tc";
  draft.name = "a\nb";
  CHECK(faults_of(draft) == Faults{{"/name", "invalid"}});
}

TEST_CASE("Preferred days lie between today in Seoul and the horizon", "[app][core]") {
  struct Row {
    const char* date;
    Faults faults;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-11-30", {}},
      {"2026-11-29", {{"/preferred/0/date", "past"}}},
      {"2027-05-29", {}},
      {"2027-05-30", {{"/preferred/0/date", "too_far"}}},
  }));
  auto draft = good();
  draft.preferred = {{row.date, "any"}};
  CAPTURE(row.date);
  CHECK(faults_of(draft) == row.faults);
}

TEST_CASE("A time may be wished for when it is worked", "[app][core]") {
  struct Row {
    BookingDraft::Window window;
    Faults faults;
  };
  const auto row = GENERATE(values<Row>({
      {{"2026-12-01", "", "14:00"}, {}},
      {{"2026-12-01", "any", "09:30"}, {}},
      {{"2026-12-01", "morning", "09:30"}, {}},
      {{"2026-12-01", "afternoon", "12:30"}, {{"/preferred/0/time", "lunch"}}},
      {{"2026-12-01", "afternoon", "09:30"}, {{"/preferred/0/window", "invalid"}}},
      {{"2026-12-01", "noon", "14:00"}, {{"/preferred/0/window", "invalid"}}},
      {{"2026-12-01", "", "18:00"}, {{"/preferred/0/time", "outside_hours"}}},
      {{"2026-11-30", "", "13:30"}, {}},  // half an hour of grace
      {{"2026-11-30", "", "13:00"}, {{"/preferred/0/time", "too_soon"}}},
      {{"2026-12-06", "", "10:00"}, {{"/preferred/0/date", "closed"}}},
      {{"2026-11-29", "", "10:00"}, {{"/preferred/0/date", "past"}}},
      {{"", "", "14:15"}, {{"/preferred/0/date", "required"}, {"/preferred/0/time", "invalid"}}},
      {{"2026-12-01", "", "14:15"}, {{"/preferred/0/time", "invalid"}}},
      {{"2026-12-01", "", "24:00"}, {{"/preferred/0/time", "invalid"}}},
      {{"2026-12-01", "", "2 pm"}, {{"/preferred/0/time", "invalid"}}},
  }));
  auto draft = good();
  draft.preferred = {row.window};
  CAPTURE(row.window.date, row.window.part, row.window.time);
  CHECK(faults_of(draft) == row.faults);
}

TEST_CASE("A time wished for lies in its half of the day and is another wish than that half",
          "[app][core]") {
  auto draft = good();
  draft.preferred = {{"2026-12-01", "", "09:30"}, {"2026-12-01", "", "14:00"}};
  const auto timed = validate(draft, kNow, usual_calendar());
  REQUIRE(timed.request);
  const auto day = parse_date("2026-12-01").value();
  CHECK(timed.request->preferred ==
        std::vector<PreferredWindow>{{day, DayPart::Morning, parse_clock("09:30")},
                                     {day, DayPart::Afternoon, parse_clock("14:00")}});
  auto halves = *timed.request;
  for (auto& window : halves.preferred) window.start.reset();
  CHECK(canonical_text(halves) != canonical_text(*timed.request));
}

TEST_CASE("Three preferred times are enough", "[app][core]") {
  auto draft = good();
  draft.preferred.assign(kMaxPreferred, {"2026-12-01", "any"});
  CHECK(faults_of(draft).empty());
  draft.preferred.push_back({"2026-12-01", "any"});
  CHECK(faults_of(draft) == Faults{{"/preferred", "too_many"}});
}

TEST_CASE("Different requests have different canonical texts", "[app][core]") {
  const auto base = validate(good(), kNow, usual_calendar()).request.value();
  auto moved = base;  // one character crosses from one field into the next
  moved.description += '2';
  CHECK(canonical_text(moved) != canonical_text(base));
  auto shifted = base;
  shifted.address = base.address + "\n3:" + base.name;
  CHECK(canonical_text(shifted) != canonical_text(base));
  auto detailed = base;
  detailed.address_detail = "202호";
  CHECK(canonical_text(detailed) != canonical_text(base));
  auto fewer = base;
  fewer.preferred.pop_back();
  CHECK(canonical_text(fewer) != canonical_text(base));
  CHECK(canonical_text(validate(good(), kNow, usual_calendar()).request.value()) ==
        canonical_text(base));
}
