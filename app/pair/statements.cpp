#include "app/pair/statements.hpp"

#include <fmt/core.h>

namespace booking::pair {
namespace {

constexpr const char* kReplicaAcknowledges =
    "SELECT COUNT(*) = 2 FROM information_schema.GLOBAL_STATUS WHERE"
    " (VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_STATUS' AND VARIABLE_VALUE = 'ON') OR"
    " (VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_CLIENTS' AND VARIABLE_VALUE >= 1)";

/// Of a login and of a file that goes to the disk, on a machine that has much to do: one that keeps
/// the role MASTER by mistake cannot come back by its own log after a crash.
constexpr std::chrono::milliseconds kWritingRole{10'000};

void add_received(Plan& plan, const NodeSeen& replica, const char* position,
                  std::chrono::milliseconds limit, const char* why) {
  auto& step = plan.add(Act::Reach, replica, kReplicaStatus, why);
  step.column = "Gtid_IO_Pos";
  step.result = position;
  step.limit = limit;
}

std::string by_tls(const Terms& terms) {
  if (!terms.tls) return ", MASTER_SSL = 0";
  auto out = fmt::format(
      ", MASTER_SSL = 1, MASTER_SSL_CA = '{}', MASTER_SSL_VERIFY_SERVER_CERT = 1", terms.tls_ca);
  if (!terms.tls_certificate.empty())
    out += fmt::format(", MASTER_SSL_CERT = '{}', MASTER_SSL_KEY = '{}'", terms.tls_certificate,
                       terms.tls_key);
  return out;
}

}  // namespace

std::string follow(const NodeSeen& source, const Terms& terms, bool was_primary) {
  std::string out = fmt::format(
      "CHANGE MASTER TO MASTER_HOST = '{}', MASTER_PORT = {}, MASTER_USER = '{}', MASTER_PASSWORD ="
      " '{{replication_password}}', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1,"
      " MASTER_HEARTBEAT_PERIOD = 1",
      source.host, source.port, terms.replication_user);
  out += by_tls(terms);
  if (was_primary) out += ", MASTER_DEMOTE_TO_SLAVE = 1";
  return out;
}

std::string begin_epoch(std::uint64_t number, const NodeSeen& writer, const char* reason) {
  return fmt::format(
      "INSERT INTO mainstay.cluster_epoch (epoch, writer_id, reason, begins_after, created_us) "
      "VALUES"
      " ({}, {}, '{}', @@global.gtid_binlog_pos, FLOOR(UNIX_TIMESTAMP(NOW(6)) * 1000000))",
      number, writer.server_id, reason);
}

std::string wait_for(const std::string& position, std::chrono::milliseconds limit) {
  return fmt::format("SELECT MASTER_GTID_WAIT('{}', {:.1f})", position,
                     static_cast<double>(limit.count()) / 1000);
}

void add_follow(Plan& plan, const NodeSeen& node, const NodeSeen& source, const Terms& terms,
                bool was_primary) {
  plan.add(Act::Statement, node, "STOP SLAVE", "its source is about to change").needed = false;
  plan.add(Act::Statement, node, follow(source, terms, was_primary),
           "replicate from " + source.name);
  plan.add(Act::Statement, node, "START SLAVE", "begin where its own log ends");
  auto& connected =
      plan.add(Act::Await, node, kReplicaStatus, "the source takes it as its replica");
  connected.column = "Slave_IO_Running";
  connected.result = "Yes";
  connected.limit = terms.catch_up;
}

void add_sync(Plan& plan, const NodeSeen& source, const NodeSeen& replica, const Terms& terms,
              const Record& record) {
  plan.add(Act::Statement, replica, kWaitForNobody, "a replica must not wait for acknowledgements");
  plan.add(Act::Capture, source, kLastWritten, "how far the primary is").result = "behind";
  add_received(plan, replica, "{behind}", terms.copying,
               "the replica has received it; until then writes would wait for that");
  plan.add(Act::Statement, source, kWaitForReplica, "from here every commit waits for the replica");
  auto& acknowledges =
      plan.add(Act::Await, source, kReplicaAcknowledges, "the replica acknowledges");
  acknowledges.result = "1";
  acknowledges.limit = terms.catch_up;
  plan.add(Act::Capture, source, kLastWritten, "the last that may have been acknowledged alone")
      .result = "alone";
  add_received(plan, replica, "{alone}", terms.catch_up, "the replica has that, too");
  add_note(plan, record, "everything acknowledged is on both nodes: true from here on");
  for (const auto* node : {&source, &replica})
    if (auto* const role = add_role(plan, *node, "SLAVE")) role->needed = false;
}

Step& add_still_open(Plan& plan, const NodeSeen& node, const char* why) {
  auto& step = plan.add(Act::Expect, node, "SELECT @@global.read_only", why);
  step.result = "0";
  return step;
}

void add_alone(Plan& plan, const NodeSeen& writer, std::uint64_t epoch, const char* why) {
  add_still_open(plan, writer, "it can be written to, so it runs since it was opened");
  add_role(plan, writer, "MASTER");
  add_still_open(plan, writer, "it was not restarted before that: it has taken nothing back")
      .same_session = true;
  add_note(plan, {epoch, writer.name, false}, why);
}

Step* add_role(Plan& plan, const NodeSeen& node, const char* role) {
  if (!node.has_command) return nullptr;
  auto& step = plan.add(Act::Command, node, std::string{"role "} + role,
                        role == std::string_view{"MASTER"}
                            ? "after a crash keep every commit: this node acknowledges alone"
                            : "after a crash take back what nobody acknowledged");
  step.limit = kWritingRole;
  return &step;
}

Step& add_note(Plan& plan, const Record& record, std::string why) {
  auto& step = plan.steps.emplace_back();
  step.act = Act::Note;
  step.record = record;
  step.node = record.writer;
  step.text = fmt::format("epoch {}, written to: {}, in sync: {}", record.epoch, record.writer,
                          record.in_sync ? "yes" : "no");
  step.why = std::move(why);
  return step;
}

Step& add_note_closed(Plan& plan, const Record& record, const char* position, std::string why) {
  auto& step = add_note(plan, record, std::move(why));
  step.result = fmt::format("{{{}}}", position);
  step.text += ", closed at " + step.result;
  return step;
}

}  // namespace booking::pair
