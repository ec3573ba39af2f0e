#include "app/store/admin_queries.hpp"

#include "app/store/row_values.hpp"
#include "app/store/transaction.hpp"

namespace booking::store {

void write_audit(Session& db, const Actor& actor, common::WallTime now, const std::string& action,
                 const std::string& subject, const std::string& detail,
                 const EntropySource& entropy) {
  db.execute(
      "INSERT INTO audit_log (id, at_us, actor, address, action, subject, detail) VALUES (?, ?, ?, "
      "?, ?, ?, ?)",
      {blob(new_id(now, entropy)), micros(now), actor.name, actor.address, action, subject,
       detail});
}

void create_session(Session& db, const AdminSession& session, const Actor& actor,
                    const EntropySource& entropy) {
  if (!db.insert("INSERT INTO admin_session (token_hash, username, created_us, expires_us) VALUES "
                 "(?, ?, ?, ?)",
                 {blob(session.token_hash), session.username, micros(session.created),
                  micros(session.expires)}))
    return;
  db.execute("DELETE FROM admin_session WHERE expires_us < ?", {micros(session.created)});
  write_audit(db, actor, session.created, "session.create", session.username, "", entropy);
}

std::optional<AdminSession> find_session(Session& db, const TokenHash& hash, common::WallTime now) {
  const auto rows = db.query(
      "SELECT username, created_us, expires_us FROM admin_session WHERE token_hash = ? AND "
      "expires_us > ?",
      {blob(hash), micros(now)});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return AdminSession{hash, row.text(0), wall_time(row.integer(1)), wall_time(row.integer(2))};
}

void delete_session(Session& db, const TokenHash& hash, const Actor& actor, common::WallTime now,
                    const EntropySource& entropy) {
  if (db.execute("DELETE FROM admin_session WHERE token_hash = ?", {blob(hash)}) == 0) return;
  write_audit(db, actor, now, "session.delete", actor.name, "", entropy);
}

LoginFailures record_login_failure(Session& db, const std::string& subject, common::WallTime now,
                                   std::chrono::seconds memory) {
  const auto forgotten = micros(now - memory);
  const auto counted = db.execute(
      "UPDATE login_failure SET failures = CASE WHEN last_us < ? THEN 1 ELSE failures + 1 END, "
      "last_us = ? WHERE subject = ?",
      {forgotten, micros(now), subject});
  if (counted == 0 &&
      !db.insert("INSERT INTO login_failure (subject, failures, last_us) VALUES (?, 1, ?)",
                 {subject, micros(now)}))
    throw Again{};  // another first failure came in between: count on top of it
  return read_login_failures(db, subject);
}

LoginFailures read_login_failures(Session& db, const std::string& subject) {
  const auto rows =
      db.query("SELECT failures, last_us FROM login_failure WHERE subject = ?", {subject});
  if (rows.empty()) return {};
  return {static_cast<std::uint32_t>(rows.front().integer(0)), wall_time(rows.front().integer(1))};
}

void clear_login_failures(Session& db, const std::string& subject) {
  db.execute("DELETE FROM login_failure WHERE subject = ?", {subject});
}

}  // namespace booking::store
