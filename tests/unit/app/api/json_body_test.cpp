#include "app/api/json_body.hpp"

#include "app/api/calendar_json.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

namespace booking::api {
namespace {

const Problem* problem_of(const Read<core::BookingDraft>& read) {
  return std::get_if<Problem>(&read);
}

bool has_error(const Problem& problem, std::string_view pointer, std::string_view code) {
  return std::ranges::any_of(problem.errors, [&](const core::FieldError& error) {
    return error.pointer == pointer && error.code == code;
  });
}

}  // namespace

TEST_CASE("A booking's body is read field by field", "[booking][api]") {
  const auto read = read_booking(
      R"({"service":"leak","description":"물","address":"서울","name":"홍","phone":"010-1234-5678",
          "preferred":[{"date":"2026-12-01","window":"morning"},{"date":"2026-12-02","time":"14:00"}]})");
  REQUIRE(problem_of(read) == nullptr);
  const auto& draft = std::get<core::BookingDraft>(read);
  CHECK(draft.service == "leak");
  CHECK(draft.description == "물");
  REQUIRE(draft.preferred.size() == 2);
  CHECK(draft.preferred[0].part == "morning");
  CHECK(draft.preferred[0].time.empty());
  CHECK(draft.preferred[1].part.empty());
  CHECK(draft.preferred[1].time == "14:00");
}

TEST_CASE("What is no JSON object is refused", "[booking][api]") {
  const std::string body =
      GENERATE(as<std::string>{}, "", " ", "null", "[]", "\"x\"", "{", "{}x", "{'a':1}",
               "{\"a\":1,}", "{\"name\":\"\xff\"}", "{\"name\":NaN}", "// c\n{}");
  CAPTURE(body);
  const auto read = read_booking(body);
  REQUIRE(problem_of(read) != nullptr);
  CHECK(problem_of(read)->status == 400);
  CHECK(problem_of(read)->code == "invalid_json");
}

TEST_CASE("A key that comes twice is refused, however it is spelled", "[booking][api]") {
  const auto* const body =
      GENERATE(R"({"name":"a","name":"b"})", R"({"name":"a","n\u0061me":"b"})");
  const auto read = read_booking(body);
  REQUIRE(problem_of(read) != nullptr);
  CHECK(problem_of(read)->code == "duplicate_key");
  CHECK(has_error(*problem_of(read), "/name", "duplicate"));
}

TEST_CASE("One key in two objects is no duplicate", "[booking][api]") {
  CHECK(problem_of(read_booking(R"({"preferred":[{"date":"a"},{"date":"b"}]})")) == nullptr);
}

TEST_CASE("Unknown keys and wrong types are all reported with their pointers", "[booking][api]") {
  const auto read =
      read_booking(R"({"service":5,"name":null,"a/b~c":1,"preferred":[{"date":1,"hour":2},7]})");
  REQUIRE(problem_of(read) != nullptr);
  const auto& problem = *problem_of(read);
  CHECK(has_error(problem, "/service", "wrong_type"));
  CHECK(has_error(problem, "/name", "wrong_type"));
  CHECK(has_error(problem, "/a~1b~0c", "unknown"));
  CHECK(has_error(problem, "/preferred/0/date", "wrong_type"));
  CHECK(has_error(problem, "/preferred/0/hour", "unknown"));
  CHECK(has_error(problem, "/preferred/1", "wrong_type"));
}

TEST_CASE("More preferred days than there may be are refused", "[booking][api]") {
  const auto read = read_booking(R"({"preferred":[{},{},{},{}]})");
  REQUIRE(problem_of(read) != nullptr);
  CHECK(has_error(*problem_of(read), "/preferred", "too_many"));
}

TEST_CASE("Deep nesting ends early", "[booking][api]") {
  const std::string body = "{\"a\":" + std::string(60000, '[') + std::string(60000, ']') + "}";
  const auto read = read_booking(body);
  REQUIRE(problem_of(read) != nullptr);
  CHECK(problem_of(read)->detail == "the JSON is nested too deeply");
}

TEST_CASE("A look-up and a login need both their members", "[booking][api]") {
  const auto lookup = read_lookup(R"({"number":"K7M"})");
  REQUIRE(std::holds_alternative<Problem>(lookup));
  CHECK(has_error(std::get<Problem>(lookup), "/phone", "required"));
  CHECK(
      std::holds_alternative<Credentials>(read_credentials(R"({"username":"a","password":"b"})")));
}

TEST_CASE("Opening hours are read with each day's own hours", "[booking][api]") {
  const std::string rest =
      R"("rests_on_holidays":true,"lead_minutes":60,"horizon_days":30,"travel_minutes":30})";
  const auto read = read_calendar(
      R"({"week":[{"day":"monday","open":{"from":"09:00","to":"18:00"},)"
      R"("lunch":{"from":"12:00","to":"13:00"}}],"closed":["2026-12-24"],"openings":[],)" +
      rest);
  REQUIRE(std::holds_alternative<core::CalendarDraft>(read));
  const auto& draft = std::get<core::CalendarDraft>(read);
  REQUIRE(draft.week.size() == 1);
  CHECK(draft.week[0].open.to == "18:00");
  CHECK(draft.week[0].lunch->from == "12:00");
  CHECK(draft.closed == std::vector<std::string>{"2026-12-24"});
  CHECK(draft.travel_minutes == 30);
  const auto bad = read_calendar(
      R"({"week":[7,{"day":"monday","open":{"from":9,"until":"18:00"}}],"closed":[1],)" + rest);
  REQUIRE(std::holds_alternative<Problem>(bad));
  const auto& problem = std::get<Problem>(bad);
  CHECK(has_error(problem, "/week/0", "wrong_type"));
  CHECK(has_error(problem, "/week/1/open/from", "wrong_type"));
  CHECK(has_error(problem, "/week/1/open/to", "required"));
  CHECK(has_error(problem, "/week/1/open/until", "unknown"));
  CHECK(has_error(problem, "/closed/0", "wrong_type"));
  CHECK(has_error(problem, "/openings", "required"));
}

TEST_CASE("A visit's length is a whole number", "[booking][api]") {
  const auto read = read_visit(R"({"technician":"김","start":"x","duration_minutes":90})");
  REQUIRE(std::holds_alternative<core::VisitDraft>(read));
  CHECK(std::get<core::VisitDraft>(read).duration_minutes == 90);
  CHECK(std::holds_alternative<Problem>(read_visit(R"({"duration_minutes":1.5})")));
  CHECK(std::holds_alternative<Problem>(read_visit(R"({"duration_minutes":"90"})")));
}

}  // namespace booking::api
