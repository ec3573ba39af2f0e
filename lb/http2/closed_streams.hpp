#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lb::http2 {

/// The streams of a connection that are no more, as far back as it matters: what comes on one that
/// we have reset may have been on its way, on any other it is wrong (RFC 9113 §5.1).
class ClosedStreams {
 public:
  static constexpr std::size_t kMost = 64;

  enum class Verdict : std::uint8_t {
    Ignore,
    Closed,  // STREAM_CLOSED
    Unused,  // its number was passed over: PROTOCOL_ERROR (§5.1.1)
  };

  void add(std::int32_t id, bool by_us);
  /// Of a frame on stream `id`, which is not open and not above every number that was used.
  Verdict judge(std::int32_t id) const;

 private:
  struct Entry {
    std::int32_t id{0};
    bool by_us{false};
  };
  std::array<Entry, kMost> entries_{};
  std::size_t next_{0};
  std::int32_t forgotten_{0};  // the highest number among those we do not remember
};

}  // namespace lb::http2
