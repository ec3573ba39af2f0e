#include "scripts/strobe/measure/gap_finder.hpp"

#include <optional>

namespace strobe::measure {

void GapFinder::record(std::uint64_t n, bool good) {
  if (n >= verdicts_.size()) verdicts_.resize(n + 1, Verdict::Unknown);
  verdicts_[n] = good ? Verdict::Good : Verdict::Bad;
}

Gap GapFinder::longest(const Schedule& schedule) const {
  Gap longest;
  std::optional<Gap> open;
  const auto close_at = [&](common::Duration instant, bool ended) {
    open->length = instant - open->begin;
    open->ended = ended;
    if (open->length > longest.length) longest = *open;
    open.reset();
  };
  for (std::uint64_t n = 0; n < verdicts_.size(); ++n) {
    if (verdicts_[n] == Verdict::Bad) {
      if (!open) open = Gap{.begin = schedule.offset(n)};
      ++open->requests;
    } else if (verdicts_[n] == Verdict::Good && open) {
      close_at(schedule.offset(n), true);
    }
  }
  if (open) close_at(schedule.offset(verdicts_.size()), false);
  return longest;
}

}  // namespace strobe::measure
