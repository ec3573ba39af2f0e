#pragma once

#include "common/time.hpp"
#include "lb/telemetry/access_log.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace lb::telemetry {

/// The latest exchanges that went wrong, for a person who looks. Workers add, anybody reads.
class RecentErrors {
 public:
  static constexpr std::size_t kKept = 64;
  /// A flood of errors costs no more than this, and shows no more than it would anyway.
  static constexpr std::uint32_t kMostASecond = 50;

  struct Error {
    common::WallTime at{};
    unsigned status{0};
    std::string error, method, host, path, upstream, endpoint, client, request_id;
    common::Duration duration{};
  };

  /// Answers of 5xx, and what ended in any other trouble than a client's own.
  static bool is_wanted(const AccessRecord& record) {
    return record.status >= 500 || (!record.error.empty() && record.status < 400);
  }
  void add(const AccessRecord& record, common::WallTime now);
  /// The latest first.
  std::vector<Error> list() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Error> errors_;
  std::int64_t second_{0};
  std::uint32_t of_this_second_{0};
};

}  // namespace lb::telemetry
