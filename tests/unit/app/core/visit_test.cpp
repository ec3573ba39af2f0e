#include "app/core/visit.hpp"

#include "app/core/civil_time.hpp"
#include "tests/support/catch.hpp"

using namespace booking::core;
using namespace std::chrono_literals;

namespace {

const auto kNow = parse_rfc3339("2026-11-30T12:00:00+09:00").value();

std::vector<std::string> claims(const char* start, std::chrono::minutes duration) {
  std::vector<std::string> texts;
  for (const auto claim : slot_claims({"kim", parse_rfc3339(start).value(), duration}))
    texts.push_back(format_rfc3339(claim).substr(11, 5));
  return texts;
}

std::string faults_of(const VisitDraft& draft) {
  const auto checked = validate(draft, kNow);
  CHECK(checked.visit.has_value() == checked.errors.empty());
  std::string faults;
  for (const auto& error : checked.errors) faults += error.pointer + "=" + error.code + " ";
  return faults;
}

}  // namespace

TEST_CASE("A visit claims every half hour it touches", "[app][core]") {
  using Texts = std::vector<std::string>;
  CHECK(claims("2026-12-01T10:00:00+09:00", 30min) == Texts{"10:00"});
  CHECK(claims("2026-12-01T10:00:00+09:00", 90min) == Texts{"10:00", "10:30", "11:00"});
  CHECK(claims("2026-12-01T10:30:00+09:00", 31min) == Texts{"10:30", "11:00"});
  CHECK(claims("2026-12-01T23:30:00+09:00", 60min) == Texts{"23:30", "00:00"});
  CHECK(claims("2026-12-01T10:00:00+09:00", 480min).size() == 16);
}

TEST_CASE("A visit is checked, all of it at once", "[app][core]") {
  CHECK(faults_of({"kim", "2026-12-01T10:00:00+09:00", 90}).empty());
  CHECK(faults_of({"kim", "2026-12-01T01:30:00Z", 30}).empty());
  CHECK(faults_of({"", "", 0}) ==
        "/technician=required /start=required "
        "/duration_minutes=out_of_range ");
  CHECK(faults_of({"kim", "2026-12-01T10:15:00+09:00", 481}) ==
        "/start=unaligned /duration_minutes=out_of_range ");
  CHECK(faults_of({"kim", "2026-12-01T10:00:00.000001+09:00", 90}) == "/start=unaligned ");
  CHECK(faults_of({"kim", "2026-11-30T11:30:00+09:00", 90}) == "/start=past ");
  CHECK(faults_of({"kim", "tomorrow", 29}) == "/start=invalid /duration_minutes=out_of_range ");
  CHECK(faults_of({std::string(41, 'k'), "2026-12-01T10:00:00+09:00", 90}) ==
        "/technician=invalid ");
  CHECK(faults_of({"kim\n", "2026-12-01T10:00:00+09:00", 90}).empty());
  CHECK(faults_of({"k\nim", "2026-12-01T10:00:00+09:00", 90}) == "/technician=invalid ");
}
