#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lb::tls {

/// Files, and what they were when somebody looked: which, how large, when written.
class FileStamps {
 public:
  /// Empty paths are nobody's. Looks at once: what is read afterwards is this or newer.
  explicit FileStamps(std::vector<std::string> paths);

  /// Whether one is not as it was.
  bool have_changed() const { return look() != seen_; }
  void look_again() { seen_ = look(); }

 private:
  struct Stamp {
    std::int64_t modified_ns{0};
    std::int64_t size{-1};
    std::uint64_t inode{0};
    bool operator==(const Stamp&) const = default;
  };
  std::vector<Stamp> look() const;

  std::vector<std::string> paths_;
  std::vector<Stamp> seen_;
};

}  // namespace lb::tls
