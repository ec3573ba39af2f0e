#include "scripts/strobe/measure/handshakes.hpp"

#include "common/json_text.hpp"

#include <fmt/format.h>

namespace strobe::measure {

void Handshakes::add(const Handshake& handshake) {
  if (handshake.done) {
    ++done_;
    lengths_.add(std::chrono::duration_cast<std::chrono::microseconds>(handshake.length));
    return;
  }
  ++failed_;
  const bool room = by_reason_.size() < kMostReasons || by_reason_.contains(handshake.failure);
  ++by_reason_[room ? handshake.failure : "other"];
}

std::string Handshakes::to_json() const {
  std::string reasons;
  for (const auto& [reason, count] : by_reason_) {
    if (!reasons.empty()) reasons += ',';
    common::append_json_string(reasons, reason);
    reasons += ':' + std::to_string(count);
  }
  const auto milliseconds = [](std::chrono::microseconds length) {
    return static_cast<double>(length.count()) / 1000.0;
  };
  return fmt::format(
      R"({{"handshakes":{},"ms":{{"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}},"failed":{},"failed_by_reason":{{{}}}}})",
      done_, milliseconds(lengths_.percentile(50)), milliseconds(lengths_.percentile(99)),
      milliseconds(lengths_.max()), failed_, reasons);
}

}  // namespace strobe::measure
