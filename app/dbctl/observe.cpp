#include "app/dbctl/observe.hpp"

#include "app/dbctl/record_file.hpp"
#include "app/dbctl/session.hpp"
#include "app/pair/relay_log.hpp"
#include "app/pair/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <future>

namespace booking::dbctl {
namespace {

constexpr std::chrono::milliseconds kLimit{2000};  // of one question
constexpr std::chrono::milliseconds kReadingList{300};
constexpr std::chrono::milliseconds kReadingLog{60'000};
constexpr std::size_t kMostRelayLogs = 1000;

constexpr unsigned kNoSuchTable = 1146;
constexpr unsigned kNoSuchDatabase = 1049;
constexpr unsigned kUnreadable = 1220;  // error when executing: no such log, or it is damaged

std::uint64_t number(const std::string& text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string at(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found == row.end() ? std::string{} : found->second;
}

pair::GtidPosition position(const std::string& text) {
  const auto parsed = pair::GtidPosition::parse(text);
  if (!parsed) throw SqlError{0, "no GTID position: " + text};
  return *parsed;
}

void read_settings(Session& session, pair::NodeSeen& out) {
  std::string sql =
      "SELECT @@global.rpl_semi_sync_master_timeout, @@global.have_ssl, "
      "@@global.require_secure_transport";
  std::vector<std::string> names{"rpl_semi_sync_master_timeout", "have_ssl",
                                 "require_secure_transport"};
  for (const auto& needed : pair::needed_settings()) {
    names.emplace_back(needed.name);
    sql += ", @@global." + names.back();
  }
  const auto found = session.rows(sql, kLimit).at(0);
  for (std::size_t i = 0; i < names.size(); ++i) out.settings[names[i]] = found.at(i);
}

void read_variables(Session& session, pair::NodeSeen& out) {
  const auto row = session.row(
      "SELECT @@server_id AS id, @@version AS version, @@global.read_only AS closed, "
      "@@global.gtid_binlog_pos AS"
      " written, @@global.gtid_slave_pos AS applied, @@global.gtid_binlog_state AS log,"
      " @@global.rpl_semi_sync_master_enabled AS waits, (SELECT GLOBAL_VALUE_ORIGIN FROM"
      " information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_ENABLED')"
      " AS origin",
      kLimit);
  if (!row) throw SqlError{0, "the server has no variables"};
  out.server_id = static_cast<std::uint32_t>(number(at(*row, "id")));
  out.version = at(*row, "version");
  out.read_only = at(*row, "closed") != "0";
  out.written = position(at(*row, "written"));
  out.applied = position(at(*row, "applied"));
  out.log = pair::GtidState::parse(at(*row, "log")).value_or(pair::GtidState{});
  out.waits_for_replica = at(*row, "waits") == "1";
  out.waits_by_file = out.waits_for_replica && at(*row, "origin") != "SQL";
}

void read_status(Session& session, pair::NodeSeen& out) {
  for (const auto& row : session.rows("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_%'", kLimit)) {
    if (row.at(0) == "Rpl_semi_sync_master_status") out.semi_sync = row.at(1) == "ON";
    if (row.at(0) == "Rpl_semi_sync_master_clients")
      out.semi_sync_replicas = static_cast<std::uint32_t>(number(row.at(1)));
  }
}

/// `relay.000007` → `relay.000008`.
std::string next_log(const std::string& file) {
  const auto dot = file.rfind('.');
  if (dot == file.npos) return {};
  const auto digits = file.size() - dot - 1;
  return fmt::format("{}.{:0{}}", file.substr(0, dot), number(file.substr(dot + 1)) + 1, digits);
}

/// From `file` to the last. Where the server died, or its disk was full, within an event, it reads
/// up to there and complains.
void read_relay_logs(Session& session, std::string file, pair::NodeSeen& out) {
  constexpr std::size_t kType = 2;
  constexpr std::size_t kInfo = 5;
  pair::RelayLog log;
  std::size_t read = 0;
  for (; read < kMostRelayLogs && !file.empty(); ++read) {
    try {
      const bool whole =
          session.each_row("SHOW RELAYLOG EVENTS IN '" + file + "'", kReadingLog, kUnreadable,
                           [&](const Cells& row) { log.add(row.at(kType), row.at(kInfo)); });
      out.relay_broken = out.relay_broken || !whole;
    } catch (const SqlError& error) {
      if (read > 0 && error.number() == kUnreadable) break;  // that was the last
      throw;
    }
    file = next_log(file);
  }
  out.relay_end = log.end();
  out.relay_first = log.first();
  out.relay_broken = out.relay_broken || log.broken() || read == kMostRelayLogs;
}

void read_applier(Session& session, pair::NodeSeen& out) {
  const auto row = session.row("SHOW SLAVE STATUS", kLimit);
  if (!row || at(*row, "Master_Host").empty()) return;
  pair::Applier applier;
  applier.source_host = at(*row, "Master_Host");
  applier.source_port = static_cast<std::uint16_t>(number(at(*row, "Master_Port")));
  const auto receiving = at(*row, "Slave_IO_Running");
  applier.receiving = receiving != "No";
  applier.connected = receiving == "Yes";
  applier.applying = at(*row, "Slave_SQL_Running") == "Yes";
  // START SLAVE sets the position back; the source says who it is and where it stands.
  applier.heard = applier.connected || (number(at(*row, "Master_Server_Id")) != 0 &&
                                        number(at(*row, "Read_Master_Log_Pos")) > 4);
  applier.received = position(at(*row, "Gtid_IO_Pos"));
  applier.receive_error = at(*row, "Last_IO_Error");
  applier.apply_error = at(*row, "Last_SQL_Error");
  if (const auto behind = at(*row, "Seconds_Behind_Master"); !behind.empty())
    applier.seconds_behind = number(behind);
  applier.by_gtid = at(*row, "Using_Gtid") != "No";
  out.applier = std::move(applier);
  if (out.rests()) read_relay_logs(session, at(*row, "Relay_Log_File"), out);
}

/// The server asks again for room once a minute, as long as it takes.
void read_threads(Session& session, pair::NodeSeen& out) {
  out.out_of_room = session.value(
                        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE"
                        " = 'Waiting for someone to free space'",
                        kLimit) != "0";
}

void read_epoch(Session& session, pair::NodeSeen& out) {
  try {
    const auto found = session.rows(
        "SELECT epoch, writer_id FROM mainstay.cluster_epoch ORDER BY epoch DESC LIMIT 1", kLimit);
    if (!found.empty())
      out.epoch = {number(found.front().at(0)),
                   static_cast<std::uint32_t>(number(found.front().at(1)))};
  } catch (const SqlError& error) {
    if (error.number() != kNoSuchTable && error.number() != kNoSuchDatabase) throw;
  }
}

/// In a session of its own, and for a short time only: the server's list of logs cannot be read
/// while commits wait for a replica. Unknown, it says itself what it has not when a replica asks.
void read_oldest(const NodeOptions& node, const Options& options, pair::NodeSeen& out) {
  try {
    Session session{node, options};
    const auto logs = session.rows("SHOW BINARY LOGS", kReadingList);
    if (logs.empty()) return;
    const auto& first = logs.front().at(0);
    out.oldest = position(session.value("SELECT BINLOG_GTID_POS('" + first + "', 4)", kLimit));
  } catch (const SqlError&) {
    out.oldest = {};
  }
}

}  // namespace

pair::NodeSeen observe(const NodeOptions& node, const Options& options) {
  pair::NodeSeen out;
  out.name = node.name;
  out.host = node.address.ip.to_string();
  out.port = node.address.port;
  out.has_command = !node.command.empty();
  try {
    Session session{node, options};
    read_variables(session, out);
    read_settings(session, out);
    read_status(session, out);
    read_applier(session, out);
    read_threads(session, out);
    read_epoch(session, out);
    out.tables = number(
        session.value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" +
                          options.database + "'",
                      kLimit));
    out.reachable = true;
  } catch (const SqlError& error) {
    out.why = error.what();
  }
  return out;
}

void observe_logs(pair::PairSeen& seen, const Options& options) {
  for (std::size_t i = 0; i < seen.nodes.size(); ++i)
    if (seen.nodes[i].writable()) read_oldest(options.nodes[i], options, seen.nodes[i]);
}

pair::PairSeen observe_pair(const Options& options) {
  pair::PairSeen seen;
  std::vector<std::future<pair::NodeSeen>> asked;
  asked.reserve(options.nodes.size());
  for (const auto& node : options.nodes)
    asked.push_back(std::async(std::launch::async, observe, std::cref(node), std::cref(options)));
  for (auto& answer : asked) seen.nodes.push_back(answer.get());
  seen.record = read_record(options.record);
  return seen;
}

}  // namespace booking::dbctl
