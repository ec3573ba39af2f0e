#include "app/core/estimate.hpp"

#include "app/core/civil_time.hpp"
#include "tests/support/catch.hpp"

using namespace booking::core;

namespace {

const auto kNow = parse_rfc3339("2026-12-01T09:00:00+09:00").value();

EstimateDraft draft() {
  return {{{" 출장비 ", 30000}, {"수전 교체", 85000}}, "부품 포함", "2026-12-08T18:00:00+09:00"};
}

std::string faults_of(const EstimateDraft& given) {
  const auto checked = validate(given, kNow);
  CHECK(checked.estimate.has_value() == checked.errors.empty());
  std::string faults;
  for (const auto& error : checked.errors) faults += error.pointer + "=" + error.code + " ";
  return faults;
}

}  // namespace

TEST_CASE("An estimate is items, a sum and an end", "[app][core][estimate]") {
  const auto checked = validate(draft(), kNow);
  REQUIRE(checked.estimate);
  CHECK(checked.estimate->total() == 115000);
  CHECK(checked.estimate->items.front().text == "출장비");
  auto discount = draft();
  discount.items.push_back({"단골 할인", -15000});
  CHECK(validate(discount, kNow).estimate->total() == 100000);
}

TEST_CASE("What cannot be an estimate is told, all of it at once", "[app][core][estimate]") {
  CHECK(faults_of({}) == "/items=required /valid_until=required ");
  auto wrong = draft();
  wrong.items = {{"", 1}, {std::string(101, 'x'), 1}, {"x", kMaxAmount + 1}};
  wrong.valid_until = "2026-12-01T08:59:59+09:00";
  wrong.note = std::string(1001, 'x');
  CHECK(faults_of(wrong) ==
        "/items/0/text=required /items/1/text=invalid /items/2/amount=out_of_range /note=invalid "
        "/valid_until=past ");
  auto below = draft();
  below.items = {{"할인", -1}};
  CHECK(faults_of(below) == "/items=out_of_range ");
  auto far = draft();
  far.valid_until = "2027-12-01T09:00:00+09:00";
  far.items.assign(21, {"x", 1});
  CHECK(faults_of(far) == "/items=too_many /valid_until=too_far ");
}
