#pragma once

#include "app/pair/seen.hpp"

#include <memory>
#include <optional>
#include <string>

namespace booking::dbctl {

/// Nothing when there is no such file, or none that can be understood.
std::optional<pair::Record> read_record(const std::string& path);
/// On the disk when it returns; the old one or the new one at any time. Throws std::system_error.
void write_record(const std::string& path, const pair::Record& record);

/// Held by whoever changes the pair: two at the same time could each open another node.
class RecordLock {
 public:
  /// Of the record at `path`; nothing when somebody has it. Throws std::system_error.
  static std::unique_ptr<RecordLock> take(const std::string& path);
  RecordLock(const RecordLock&) = delete;
  RecordLock& operator=(const RecordLock&) = delete;
  ~RecordLock();

 private:
  explicit RecordLock(int file) : file_{file} {}
  int file_;
};

}  // namespace booking::dbctl
