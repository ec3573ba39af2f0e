#pragma once

#include "app/config/settings.hpp"
#include "app/privacy/key_ring.hpp"

#include <optional>
#include <string>

namespace booking::config {

/// The keys of personal data. Who keeps bookings in a file and has none is given them, in a file
/// beside the bookings; with servers every node must have the same file, so none is made. Throws
/// std::runtime_error with what is wrong and what would be right.
privacy::KeyRing load_keys(const Settings& settings, const std::string& config_path);

/// Why load_keys would throw, and what would be right; nothing when it would not. Makes no file.
struct KeysFault {
  std::string what;
  std::string right;
};
std::optional<KeysFault> fault_of_keys(const Settings& settings, const std::string& config_path);

}  // namespace booking::config
