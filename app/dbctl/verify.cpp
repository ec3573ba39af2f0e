#include "app/dbctl/verify.hpp"

#include "app/dbctl/session.hpp"
#include "common/time.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <future>
#include <map>

namespace booking::dbctl {
namespace {

constexpr std::chrono::milliseconds kLimit{5000};
constexpr std::chrono::milliseconds kReading{3'600'000};  // of one table

struct Digest {
  std::string rows;
  std::string value;
  bool operator==(const Digest&) const = default;
};
using Digests = std::map<std::string, Digest>;

/// Order of rows does not matter: the sum of the first 60 bits of each row's hash, and how many.
std::string digest_of(const std::string& table, const std::string& columns) {
  return "SELECT COUNT(*), COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS('/', " + columns +
         "), 256), 15), 16, 10) AS UNSIGNED)), 0) FROM " + table;
}

Digests read_digests(Session& session, const std::string& database) {
  session.run("SET SESSION group_concat_max_len = 1048576", kLimit);
  const auto tables = session.rows(
      "SELECT CONCAT('`', TABLE_SCHEMA, '`.`', TABLE_NAME, '`'), GROUP_CONCAT('IFNULL(HEX(`', "
      "COLUMN_NAME, '`), ''-'')'"
      " ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN "
      "('mainstay', '" +
          database + "') GROUP BY TABLE_SCHEMA, TABLE_NAME",
      kLimit);
  Digests out;
  for (const auto& table : tables) {
    const auto row = session.rows(digest_of(table.at(0), table.at(1)), kReading).at(0);
    out[table.at(0)] = {row.at(0), row.at(1)};
  }
  return out;
}

void open_snapshot(Session& session) {
  session.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", kLimit);
  session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT", kLimit);
}

}  // namespace

bool Compared::equal() const { return std::ranges::all_of(tables, &TableCompared::equal); }

Compared verify(const Options& options, const NodeOptions& primary, const NodeOptions& replica) {
  Compared out;
  Session left{primary, options};
  Session right{replica, options};
  // What the replica lags behind it makes up for before writes are held.
  const auto before = left.value("SELECT @@global.gtid_binlog_pos", kLimit);
  right.value(fmt::format("SELECT MASTER_GTID_WAIT('{}', {})", before,
                          options.terms.catch_up.count() / 1000),
              options.terms.catch_up + kLimit);
  {
    Session lock{primary, options};  // gone with this block, and the lock with it
    lock.run("SET SESSION lock_wait_timeout = 1", kLimit);
    const auto begun = common::Clock::now();
    lock.run("FLUSH TABLES WITH READ LOCK", kLimit);
    out.at = lock.value("SELECT @@global.gtid_binlog_pos", kLimit);
    open_snapshot(left);
    if (right.value("SELECT MASTER_GTID_WAIT('" + out.at + "', 1)", kLimit) != "0")
      throw SqlError{0, "the replica does not come to " + out.at + " within a second"};
    open_snapshot(right);
    lock.run("UNLOCK TABLES", kLimit);
    out.held_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(common::Clock::now() - begun).count();
  }
  auto other =
      std::async(std::launch::async, [&] { return read_digests(right, options.database); });
  const auto here = read_digests(left, options.database);
  const auto there = other.get();
  auto names = here;
  names.insert(there.begin(), there.end());
  const auto rows = [](const Digests& of, const std::string& name) {
    const auto found = of.find(name);
    return found == of.end() ? 0ULL : std::stoull(found->second.rows);
  };
  for (const auto& [name, digest] : names) {
    const bool both = here.contains(name) && there.contains(name);
    out.tables.push_back(
        {name, rows(here, name), rows(there, name), both && here.at(name) == there.at(name)});
  }
  return out;
}

}  // namespace booking::dbctl
