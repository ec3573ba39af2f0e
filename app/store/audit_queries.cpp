#include "app/store/audit_queries.hpp"

#include "app/store/row_values.hpp"

#include <algorithm>
#include <limits>

namespace booking::store {
namespace {

records::AuditEntry entry_of(const Row& row) {
  return {
      row.integer(0), wall_time(row.integer(1)), row.text(2), row.text(3), row.text(4), row.text(5),
      row.text(6)};
}

}  // namespace

void hold_audit(Session& db) {
  constexpr const char* kHold = "UPDATE audit_head SET sequence = sequence WHERE id = 1";
  if (db.execute(kHold, {}) > 0) return;
  // The first of all; another one may come at the same moment, and the key lets one in.
  db.insert("INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, ?)",
            {blob(records::ChainHash{})});
  db.execute(kHold, {});
}

void write_audit(Session& db, const Actor& actor, common::WallTime now, const std::string& action,
                 const std::string& subject, const std::string& detail,
                 const EntropySource& entropy) {
  hold_audit(db);
  db.execute("UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1", {});
  const auto head = read_audit_head(db);
  const records::AuditEntry entry{head.sequence, now,     actor.name, actor.address,
                                  action,        subject, detail};
  const auto hash = records::link(head.hash, entry);
  db.execute(
      "INSERT INTO audit_log (id, at_us, actor, address, action, subject, detail, sequence, hash) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {blob(new_id(now, entropy)), micros(now), actor.name, actor.address, action, subject, detail,
       entry.sequence, blob(hash)});
  db.execute("UPDATE audit_head SET hash = ? WHERE id = 1", {blob(hash)});
}

AuditHead read_audit_head(Session& db) {
  const auto rows = db.query("SELECT sequence, hash FROM audit_head WHERE id = 1");
  if (rows.empty()) return {};
  return {rows.front().integer(0), octets_of<32>(rows.front().text(1))};
}

AuditPage read_audit(Session& db, const AuditQuery& query) {
  constexpr const char* kDown =
      "SELECT sequence, at_us, actor, address, action, subject, detail, hash FROM audit_log WHERE "
      "sequence < ? ORDER BY sequence DESC LIMIT ?";
  constexpr const char* kUp =
      "SELECT sequence, at_us, actor, address, action, subject, detail, hash FROM audit_log WHERE "
      "sequence > ? ORDER BY sequence LIMIT ?";
  const auto limit = std::clamp<std::size_t>(query.limit, 1, kMostAuditEntries);
  const auto from =
      query.after ? *query.after : query.before.value_or(std::numeric_limits<std::int64_t>::max());
  AuditPage page;
  for (const auto& row :
       db.query(query.after ? kUp : kDown, {from, static_cast<std::int64_t>(limit)}))
    page.push_back({entry_of(row), octets_of<32>(row.text(7))});
  return page;
}

}  // namespace booking::store
