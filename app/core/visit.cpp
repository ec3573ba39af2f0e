#include "app/core/visit.hpp"

#include "app/core/civil_time.hpp"
#include "app/core/text.hpp"
#include "common/contract.hpp"

namespace booking::core {
namespace {

bool aligned(common::WallTime time) {
  return time.time_since_epoch() % std::chrono::microseconds{kGranule} ==
         std::chrono::microseconds{0};
}

}  // namespace

CheckedVisit validate(const VisitDraft& draft, common::WallTime now) {
  std::vector<FieldError> errors;

  const auto technician = trimmed(draft.technician);
  const auto length = length_of_text(technician, Lines::One);
  if (!length || *length > kMaxTechnician)
    errors.push_back({"/technician", "invalid", "담당 기사는 40자까지 적을 수 있습니다.",
                      "Name the technician in at most 40 characters."});
  else if (*length == 0)
    errors.push_back(
        {"/technician", "required", "담당 기사를 적어 주세요.", "Name the technician."});

  const auto start = parse_rfc3339(draft.start);
  if (!start)
    errors.push_back({"/start", draft.start.empty() ? "required" : "invalid",
                      "방문 시각을 2026-12-01T10:00:00+09:00처럼 적어 주세요.",
                      "Give the start such as 2026-12-01T10:00:00+09:00."});
  else if (!aligned(*start))
    errors.push_back({"/start", "unaligned", "방문은 정시나 30분에 시작해야 합니다.",
                      "A visit starts on the hour or half past."});
  else if (*start < now)
    errors.push_back({"/start", "past", "지난 시각입니다.", "This time is over."});

  const bool fits = draft.duration_minutes >= kShortestVisit.count() &&
                    draft.duration_minutes <= kLongestVisit.count();
  if (!fits)
    errors.push_back({"/duration_minutes", "out_of_range", "방문은 30분에서 480분까지입니다.",
                      "A visit takes 30 to 480 minutes."});

  if (!errors.empty()) return {std::nullopt, std::move(errors)};
  return {Visit{std::string{technician}, *start, std::chrono::minutes{draft.duration_minutes}}, {}};
}

std::vector<common::WallTime> slot_claims(const Visit& visit) {
  common::expects(aligned(visit.start), "a visit starts on a granule");
  common::expects(visit.duration >= kShortestVisit && visit.duration <= kLongestVisit,
                  "a visit has a length that was checked");
  std::vector<common::WallTime> starts;
  for (auto at = visit.start; at < visit.start + visit.duration; at += kGranule)
    starts.push_back(at);
  return starts;
}

}  // namespace booking::core
