#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace booking::store {

/// What a node says of its own place in the pair.
struct Standing {
  bool read_only{true};
  /// Newest row of mainstay.cluster_epoch, which dbctl writes before it opens a node; 0 without it.
  std::int64_t epoch{0};
  bool named{true};        // that row names this very node as the writer
  std::string position{};  // GTID of the last in its binary log
  bool follows{false};     // it is a replica, and its primary speaks to it at this moment
};

/// A node as the one who looks at it saw it last.
struct NodeView {
  enum class State : std::uint8_t {
    Unseen,  // not yet looked at
    Answers,
    Silent,  // it has been asked and takes longer than it should: frozen, or cut off, or busy
    Gone     // no session with it
  };
  std::string name;  // 10.0.0.31:3306
  State state{State::Unseen};
  Standing standing{};
  std::string why{};  // Gone
};

/// Where operations go. A writer may be silent; what is read then comes from elsewhere.
struct Choice {
  std::optional<std::size_t> writer{};
  std::vector<std::size_t> readers{};  // nodes to read from when the writer is away; best first
  std::size_t writable{0};             // nodes that would take writes
  bool reachable{false};               // any answers
  std::vector<std::string> reasons{};  // what is not as it should be
  /// Nobody is written to from here, yet a replica hears from a primary that does not answer us.
  bool primary_lives{false};

  bool reads_elsewhere{false};  // the writer does not answer, or there is none
};

/// Why a node of that standing is not to be written to when `highest` is the highest epoch seen so
/// far; empty when it may be.
std::string refusal_of(const Standing& standing, std::int64_t highest);

/// The node to write to is the one of the highest epoch. Two that would take writes in one epoch
/// are told, and neither is written to.
Choice choose(std::span<const NodeView> nodes, std::int64_t highest);

}  // namespace booking::store
