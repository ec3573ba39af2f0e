#include "app/core/estimate.hpp"

#include "app/core/civil_time.hpp"
#include "app/core/text.hpp"

#include <cstdlib>
#include <numeric>

namespace booking::core {
namespace {

using Errors = std::vector<FieldError>;

EstimateItem checked(const EstimateItem& given, const std::string& pointer, Errors& errors) {
  const auto text = trimmed(given.text);
  const auto length = length_of_text(text, Lines::One);
  if (!length || *length > kMaxItemText)
    errors.push_back({pointer + "/text", "invalid", "항목은 한 줄, 100자까지 쓸 수 있습니다.",
                      "An item is one line of at most 100 characters."});
  else if (*length == 0)
    errors.push_back(
        {pointer + "/text", "required", "항목의 이름을 적어 주세요.", "Name the item."});
  if (given.amount > kMaxAmount || given.amount < -kMaxAmount)
    errors.push_back({pointer + "/amount", "out_of_range", "금액은 1억 원까지입니다.",
                      "At most 100,000,000 KRW."});
  return {std::string{text}, given.amount};
}

std::optional<common::WallTime> checked_end(const std::string& text, common::WallTime now,
                                            Errors& errors) {
  const auto end = parse_rfc3339(text);
  if (!end)
    errors.push_back({"/valid_until", text.empty() ? "required" : "invalid",
                      "유효 기한을 2026-12-01T18:00:00+09:00처럼 적어 주세요.",
                      "Give the end such as 2026-12-01T18:00:00+09:00."});
  else if (*end <= now)
    errors.push_back({"/valid_until", "past", "지난 시각입니다.", "This time is over."});
  else if (*end - now > kLongestEstimate)
    errors.push_back({"/valid_until", "too_far", "견적은 90일까지 유효할 수 있습니다.",
                      "An estimate is valid for at most 90 days."});
  return end;
}

}  // namespace

std::int64_t Estimate::total() const {
  return std::accumulate(
      items.begin(), items.end(), std::int64_t{0},
      [](std::int64_t sum, const EstimateItem& item) { return sum + item.amount; });
}

CheckedEstimate validate(const EstimateDraft& draft, common::WallTime now) {
  Errors errors;
  Estimate estimate;
  if (draft.items.empty())
    errors.push_back(
        {"/items", "required", "항목을 하나 이상 적어 주세요.", "Give at least one item."});
  if (draft.items.size() > kMaxEstimateItems)
    errors.push_back({"/items", "too_many", "항목은 20개까지입니다.", "At most 20 items."});
  else
    for (std::size_t i = 0; i < draft.items.size(); ++i)
      estimate.items.push_back(checked(draft.items[i], "/items/" + std::to_string(i), errors));
  if (errors.empty() && (estimate.total() < 0 || estimate.total() > kMaxAmount))
    errors.push_back({"/items", "out_of_range", "합계는 0원에서 1억 원까지입니다.",
                      "The total is 0 to 100,000,000 KRW."});
  const auto note = trimmed(draft.note);
  const auto length = length_of_text(note, Lines::Many);
  if (!length || *length > kMaxEstimateNote)
    errors.push_back({"/note", "invalid", "설명은 1000자까지 쓸 수 있습니다.",
                      "A note has at most 1000 characters."});
  estimate.note = note;
  const auto end = checked_end(draft.valid_until, now, errors);
  if (!errors.empty()) return {std::nullopt, std::move(errors)};
  estimate.valid_until = *end;
  return {std::move(estimate), {}};
}

}  // namespace booking::core
