#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace lb::filters {

/// Puts the content of one answer into a coding (RFC 9110 §8.4.1), piece by piece, with memory that
/// does not grow.
class Encoder {
 public:
  virtual ~Encoder() = default;

  enum class Until {
    Fed,      // what comes out may wait for more to come
    Flushed,  // all that went in comes out, so that the client sees it now
    Ended,    // nothing more goes in
  };
  struct Step {
    std::size_t consumed{0};  // of the input
    std::size_t produced{0};  // of the output
    bool done{false};         // all is consumed and, as far as `until` asks, out
  };
  /// Call again with what is left and fresh output until `done`. Nothing consumed, nothing produced
  /// and not done: the coder has failed, and the answer must be cut.
  virtual Step put(std::string_view input, std::span<char> output, Until until) = 0;
};

}  // namespace lb::filters
