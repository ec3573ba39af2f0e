#pragma once

#include <cstdint>

namespace common {

/// A verdict that changes only after `rise` good or `fall` bad results in a row, so that one lost
/// probe moves nothing. Used for endpoints of the load balancer and for what a Virtual Router
/// tracks.
class Hysteresis {
 public:
  struct Options {
    std::uint32_t rise{2};  // at least 1
    std::uint32_t fall{2};  // at least 1
    bool operator==(const Options&) const = default;
  };

  Hysteresis(Options options, bool good) : options_{options}, good_{good} {}

  /// Takes one result in; true when it turned the verdict.
  bool on_result(bool good) {
    if (good == good_) {
      against_ = 0;
      return false;
    }
    if (++against_ < (good ? options_.rise : options_.fall)) return false;
    good_ = good;
    against_ = 0;
    return true;
  }

  /// The verdict stays; what has been heard against it counts on.
  void set_options(Options options) { options_ = options; }

  bool good() const { return good_; }
  /// True while results speak against the verdict but have not turned it yet.
  bool wavering() const { return against_ > 0; }

 private:
  Options options_;
  bool good_;
  std::uint32_t against_{0};
};

}  // namespace common
