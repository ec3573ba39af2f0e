#include "lb/http2/ending.hpp"

#include <array>
#include <nghttp2/nghttp2.h>

namespace lb::http2 {
namespace {

constexpr std::array<std::string_view, kEndingCount> kLabels{
    "left",           "idle",       "drained", "cut",           "head_timeout",
    "send_timeout",   "protocol",   "resets",  "stream_errors", "continuations",
    "empty_frames",   "settings",   "pings",   "priorities",    "unknown_frames",
    "window_updates", "header_list"};

}  // namespace

std::string_view label_of(Ending ending) { return kLabels.at(static_cast<std::size_t>(ending)); }

std::uint32_t error_code_of(Ending ending) {
  switch (ending) {
    case Ending::Left:
    case Ending::Idle:
    case Ending::Drained:
    case Ending::Cut:
      return NGHTTP2_NO_ERROR;
    case Ending::Protocol:
      return NGHTTP2_PROTOCOL_ERROR;
    default:
      return NGHTTP2_ENHANCE_YOUR_CALM;
  }
}

}  // namespace lb::http2
