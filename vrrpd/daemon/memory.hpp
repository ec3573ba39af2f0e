#pragma once

#include "common/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vrrp::daemon {

struct MemoryOptions {
  std::string runtime;  // gone after a reboot, best in memory; empty: nothing is kept
  std::string lasting;  // survives a reboot; empty: as `runtime`

  bool operator==(const MemoryOptions&) const = default;
};

/// What a daemon leaves to the one after it, as small files: the role of each Virtual Router, so
/// that a restart goes on where the last run was cut off, and the operator's maintenance. A file is
/// replaced whole or not at all.
class Memory {
 public:
  static constexpr std::size_t kLargestFile = 1024;  // octets

  /// Directories that are not named are systemd's: RUNTIME_DIRECTORY and STATE_DIRECTORY.
  explicit Memory(MemoryOptions options);

  bool maintenance() const;
  /// False when there is no place to keep it: it then ends with the process.
  common::Result<bool> set_maintenance(bool on);

  /// What the router of this name (`eth0-51`) is doing, one line; empty: nothing that a later run
  /// should know.
  void remember_role(const std::string& router, std::string_view role);
  /// Of the last run since the machine was started.
  std::optional<std::string> role(const std::string& router) const;

 private:
  std::string maintenance_file() const;
  std::string role_file(const std::string& router) const;

  MemoryOptions options_;
  std::string boot_;  // the kernel's name of this run of the machine
};

}  // namespace vrrp::daemon
