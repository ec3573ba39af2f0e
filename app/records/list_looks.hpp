#pragma once

#include "common/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace booking::records {

inline constexpr std::size_t kMostNamed = 50;  // of a list, in an entry of the audit log

/// What the audit log keeps of a look at a list: how many they were and whose, the first
/// kMostNamed by name. Of a longer one also the start of the SHA-256 over all names, each with a
/// line feed after it, so that it can be told later whether it was a list that is known.
std::string list_detail(const std::vector<std::string>& names);

/// Which looks at lists are news. A page that asks for the same list every few seconds would fill
/// the log: what is looked at again by the same person within kSameLook, and is the same, is the
/// same look. Forgets the oldest beyond kMostLookers.
class ListLooks {
 public:
  static constexpr std::chrono::minutes kSameLook{10};
  static constexpr std::size_t kMostLookers = 256;

  /// `looker` is who looks at what, `shown` what they are shown. What is news is remembered.
  bool is_news(const std::string& looker, const std::string& shown, common::WallTime now);
  /// The look was not noted after all: the next one is news again.
  void forget(const std::string& looker) { seen_.erase(looker); }

 private:
  struct Look {
    std::string shown;
    common::WallTime at;
  };
  std::map<std::string, Look> seen_;
};

}  // namespace booking::records
