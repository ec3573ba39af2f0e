#pragma once

#include "common/address.hpp"

#include <string>

namespace lb::config {

/// What a start or a reload would meet, for who wants to know before. Only what is known for sure
/// is told: a text, or none.
class Machine {
 public:
  virtual ~Machine() = default;
  /// Why lbd could not listen there.
  virtual std::string against_listening(const common::SocketAddress& address) const = 0;
  /// Why this file could not be written, by whomever.
  virtual std::string against_writing(const std::string& file) const = 0;
};

}  // namespace lb::config
