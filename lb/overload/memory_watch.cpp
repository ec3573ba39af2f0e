#include "lb/overload/memory_watch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace lb::overload {
namespace {

/// Version 1 has no word for "no limit", only a number no machine reaches.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60U;
constexpr std::size_t kDeepest = 32;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || value >= kNoLimit) return std::nullopt;
  return value;
}

std::string file_text(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The least limit of the group and those above it: each of them holds.
std::optional<std::uint64_t> least_limit(const FileText& read, const std::string& root,
                                         std::string group, const std::string& file) {
  std::optional<std::uint64_t> least;
  for (std::size_t depth = 0; depth < kDeepest; ++depth) {
    const auto limit = number(read(root + group + '/' + file));
    if (limit) least = std::min(*limit, least.value_or(*limit));
    const auto slash = group.rfind('/');
    if (group.empty() || slash == std::string::npos) break;
    group.resize(slash);
  }
  return least;
}

}  // namespace

MemoryWatch::MemoryWatch() : descriptor_{::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)} {}

MemoryWatch::~MemoryWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t MemoryWatch::resident(common::TimePoint now) {
  const auto at = now.time_since_epoch().count();
  auto next = next_.load(std::memory_order_relaxed);
  if (at < next || descriptor_ < 0 ||
      !next_.compare_exchange_strong(next, at + common::Duration{kInterval}.count()))
    return resident_.load(std::memory_order_relaxed);
  std::array<char, 128> text;
  const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
  const std::string_view fields{text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  const auto blank = fields.find(' ');
  const auto pages = blank != fields.npos ? number(fields.substr(blank + 1)) : std::nullopt;
  if (pages)
    resident_.store(*pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
                    std::memory_order_relaxed);
  return resident_.load(std::memory_order_relaxed);
}

std::optional<std::uint64_t> control_group_memory(const FileText& read) {
  const auto groups = read("/proc/self/cgroup");
  std::optional<std::uint64_t> least;
  for (std::string_view rest = groups; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // number:controllers:/group
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    std::string group{line.substr(second + 1)};
    if (group == "/") group.clear();
    std::optional<std::uint64_t> limit;
    if (controllers.empty())
      limit = least_limit(read, "/sys/fs/cgroup", group, "memory.max");
    else if (("," + std::string{controllers} + ",").find(",memory,") != std::string::npos)
      limit = least_limit(read, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    if (limit) least = std::min(*limit, least.value_or(*limit));
  }
  return least;
}

std::optional<std::uint64_t> control_group_memory() { return control_group_memory(file_text); }

}  // namespace lb::overload
