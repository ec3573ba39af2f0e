#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vrrp::handover {

/// How a planned move ended, as one of its two nodes saw it.
enum class MoveEnd : std::uint8_t {
  Done,
  NoPeer,           // giver: nobody fit who shares the secret was heard lately
  Refused,          // the taker would not: Active, not fit, or in another move
  NoAnswer,         // giver: to the offer; taker: no Go after it was ready
  NoAdvertisement,  // giver: Go was said, and the taker not heard
  NoTable,          // the kernel refused the diversion
  Overtaken,        // giver: a better router advertised; taker: Active by itself meanwhile
};
inline constexpr std::size_t kMoveEnds = 7;
std::string_view name(MoveEnd end);

using MoveCounts = std::array<std::uint64_t, kMoveEnds>;

}  // namespace vrrp::handover
