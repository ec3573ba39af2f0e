#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lb::http2 {

/// Why a connection was ended.
enum class Ending : std::uint8_t {
  Left,  // by the other side
  Idle,
  Drained,  // every request that had begun was answered
  Cut,      // by us, whatever was under way
  HeadTimeout,
  SendTimeout,
  Protocol,  // the other side's octets were no HTTP/2
  // Below: too much of what costs its sender nothing (ENHANCE_YOUR_CALM).
  Resets,         // of streams by a client: CVE-2023-44487
  StreamErrors,   // that made us reset streams: CVE-2025-8671
  Continuations,  // in one head: VU#421644
  EmptyFrames,    // DATA without an octet: CVE-2019-9518
  Settings,       // CVE-2019-9515
  Pings,          // CVE-2019-9512
  Priorities,     // CVE-2019-9513
  UnknownFrames,
  WindowUpdates,
  HeaderList,  // a head that grows beyond all measure when it is unpacked
};
inline constexpr std::size_t kEndingCount = 17;

/// A word for a metric's label: `empty_frames`.
std::string_view label_of(Ending ending);
/// What GOAWAY says (RFC 9113 §7).
std::uint32_t error_code_of(Ending ending);

}  // namespace lb::http2
