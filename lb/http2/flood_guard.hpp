#pragma once

#include "common/time.hpp"
#include "lb/http2/ending.hpp"
#include "lb/http2/frame_tracker.hpp"

#include <array>
#include <optional>

namespace lb::http2 {

/// How much of one kind a connection may send: `burst` at once, and `per_second` again.
struct Allowance {
  double burst;
  double per_second;
};

inline constexpr Allowance kResets{200, 50};
inline constexpr Allowance kStreamErrors{100, 10};
inline constexpr Allowance kEmptyFrames{100, 10};
inline constexpr Allowance kSettingsFrames{50, 5};
inline constexpr Allowance kPings{200, 50};
inline constexpr Allowance kPriorities{1000, 200};
inline constexpr Allowance kUnknownFrames{100, 10};
/// Who reads much tells so often: beside these every DATA frame sent allows for some more.
inline constexpr Allowance kWindowUpdates{1000, 100};
inline constexpr double kWindowUpdatesForData = 4;
/// CONTINUATION frames in one field section. A head as large as lbd takes needs one.
inline constexpr unsigned kMostContinuations = 8;

/// Counts what the other side sends that costs us more than it, and says when it is too much.
class FloodGuard {
 public:
  explicit FloodGuard(common::TimePoint now);

  /// Every frame, before its content is looked at. Gives the reason to end the connection.
  std::optional<Ending> on_frame(const FrameHead& head, common::TimePoint now);
  /// One more of a kind that a frame's head does not tell. False: too many.
  bool spend(Ending kind, common::TimePoint now);
  /// Whoever gets much may have much to say of it: a DATA frame, or a request, was sent.
  void on_data_sent();

 private:
  struct Budget {
    float left;
    common::TimePoint since;
  };
  static constexpr std::size_t kFirst = static_cast<std::size_t>(Ending::Resets);

  std::array<Budget, kEndingCount - kFirst> budgets_;
  unsigned continuations_{0};
};

}  // namespace lb::http2
