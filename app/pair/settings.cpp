#include "app/pair/settings.hpp"

#include <array>
#include <charconv>
#include <fmt/core.h>

namespace booking::pair {
namespace {

constexpr std::string_view kTimeout{"rpl_semi_sync_master_timeout"};

constexpr std::array kNeeded{
    NeededSetting{"log_bin", "1", "without a binary log there is no replica"},
    NeededSetting{"log_slave_updates", "1", "a replica that is promoted must have the whole log"},
    NeededSetting{"binlog_format", "ROW", "statements may do other things on the replica"},
    NeededSetting{"sync_binlog", "1", "an acknowledged commit must be on the disk"},
    // With 1 the commit itself is on the disk a second later only; until then a start with
    // init_rpl_role = SLAVE takes it back, and a replica may have deleted its relay log by then.
    NeededSetting{"innodb_flush_log_at_trx_commit", "3",
                  "a replica that crashes would take back what it had applied and acknowledged"},
    NeededSetting{"gtid_strict_mode", "1", "histories that part must stop, not mix"},
    NeededSetting{"rpl_semi_sync_master_wait_point", "AFTER_SYNC",
                  "others would read what a crash may still take back"},
    NeededSetting{"rpl_semi_sync_master_wait_no_slave", "1",
                  "a primary whose replica goes away would go on alone at once"},
    NeededSetting{"rpl_semi_sync_slave_enabled", "1",
                  "a replica that does not acknowledge stops its primary"},
};

std::uint64_t number(const std::string& text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

std::span<const NeededSetting> needed_settings() { return kNeeded; }

std::vector<std::string> wrong_settings(const NodeSeen& node) {
  std::vector<std::string> out;
  for (const auto& needed : kNeeded) {
    const auto found = node.settings.find(std::string{needed.name});
    const auto value = found == node.settings.end() ? std::string{"unknown"} : found->second;
    if (value != needed.value)
      out.push_back(fmt::format("{} = {}, {} is needed: {}", needed.name, value, needed.value,
                                needed.because));
  }
  const auto timeout = node.settings.find(std::string{kTimeout});
  if (timeout == node.settings.end() || number(timeout->second) < kLeastSemiSyncTimeout)
    out.push_back(fmt::format(
        "{} = {} ms, at least {} is needed: after it the primary goes on without its replica",
        kTimeout, timeout == node.settings.end() ? "unknown" : timeout->second,
        kLeastSemiSyncTimeout));
  return out;
}

}  // namespace booking::pair
