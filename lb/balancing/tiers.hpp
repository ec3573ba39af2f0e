#pragma once

#include "lb/balancing/candidates.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace lb::balancing {

/// What decides whether an endpoint takes new clients.
struct Standing {
  std::size_t slot{0};
  std::uint32_t tier{0};
  bool usable{true};  // by health
  bool open{true};    // takes new clients: not draining, and its weight is not 0
};

/// Which endpoints serve, by priority. The first tier in which at least `panic_percent` of the
/// endpoints are usable serves; other tries go on to the other tiers. When no tier reaches that
/// share it is a panic: checks that condemn so many are more likely wrong than right, so all
/// endpoints of a tier serve, sick ones too. With 0 a sick endpoint never serves.
class Tiers {
 public:
  void assign(std::span<const Standing> endpoints, unsigned panic_percent);

  /// Those to choose from for another try: of the best tier in which somebody is untried.
  EndpointSet candidates(EndpointSet tried) const {
    for (const auto& choice : choices_) {
      const auto rest = choice.without(tried);
      if (!rest.empty()) return rest;
    }
    return {};
  }
  bool empty() const { return choices_.empty(); }
  /// Sick endpoints serve.
  bool panicking() const { return panicking_; }

 private:
  std::vector<EndpointSet> choices_;  // none of them empty, the best first
  bool panicking_{false};
};

}  // namespace lb::balancing
