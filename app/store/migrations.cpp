#include "app/store/migrations.hpp"

#include "app/privacy/hex.hpp"
#include "app/store/sha256.hpp"
#include "common/log.hpp"

#include <algorithm>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};
constexpr std::string_view kExpand = "expand_";  // the name of a step that only adds

/// Held from the first look at schema_migration to the last change of it. Falls with the
/// connection.
class SchemaLock {
 public:
  explicit SchemaLock(Session& db) : db_{db} {
    const auto rows = db_.query("SELECT GET_LOCK(CONCAT(DATABASE(), '.schema_migration'), 1)");
    if (rows.at(0).is_null(0) || rows.at(0).integer(0) != 1)
      throw SqlError{Trouble::LockWait, "another program brings the schema up to date"};
  }
  SchemaLock(const SchemaLock&) = delete;
  SchemaLock& operator=(const SchemaLock&) = delete;
  ~SchemaLock() {
    try {
      db_.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.schema_migration'))");
    } catch (const SqlError&) {
      // The connection broke, and the lock fell with it.
    }
  }

 private:
  Session& db_;
};

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER NOT NULL PRIMARY KEY, name "
    "VARCHAR(60) NOT NULL, checksum CHAR(64) NOT NULL, applied_us BIGINT NOT NULL)";

/// MariaDB's schema statements cannot be rolled back, so an interrupted step is told by applied_us
/// = 0 and gone through again; only then is what exists already taken for its own work.
void apply(Session& db, const MigrationPlan::Step& step, std::int64_t now_us) {
  const auto& migration = *step.migration;
  if (!step.resumed)
    db.execute(
        "INSERT INTO schema_migration (version, name, checksum, applied_us) VALUES (?, ?, ?, 0)",
        {migration.version, std::string{migration.name}, checksum_of(migration)});
  for (const auto& statement : split_statements(migration.sql)) {
    try {
      db.run(statement);
    } catch (const SqlError& error) {
      if (!step.resumed || error.trouble() != Trouble::Exists) throw;
    }
  }
  db.execute("UPDATE schema_migration SET applied_us = ? WHERE version = ?",
             {now_us, migration.version});
  kLog.info("schema migration applied", {{"version", migration.version}, {"name", migration.name}});
}

std::string name_of(std::int64_t version) { return "schema version " + std::to_string(version); }

}  // namespace

std::string checksum_of(const Migration& migration) {
  return privacy::to_hex(sha256(migration.sql));
}

std::variant<MigrationPlan, std::string> plan_migrations(
    std::span<const Migration> known, const std::vector<RecordedMigration>& recorded) {
  MigrationPlan plan;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const auto& row = recorded[i];
    if (i >= known.size()) {
      if (row.name.starts_with(kExpand) && row.finished) continue;
      return name_of(row.version) + " is newer than this program, which knows " +
             std::to_string(known.size());
    }
    if (row.version != known[i].version)
      return name_of(known[i].version) + " is missing, but a later one was applied";
    if (row.checksum != checksum_of(known[i]))
      return name_of(row.version) + " was applied with another text than this program's";
    if (!row.finished && i + 1 < recorded.size())
      return name_of(row.version) + " was never finished, but a later one was applied";
    if (!row.finished) plan.steps.push_back({&known[i], true});
  }
  for (std::size_t i = recorded.size(); i < known.size(); ++i)
    plan.steps.push_back({&known[i], false});
  return plan;
}

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  while (!sql.empty()) {
    const auto end = std::min(sql.find('\n'), sql.size());
    const auto line = sql.substr(0, end);
    sql.remove_prefix(std::min(end + 1, sql.size()));
    if (line.empty() || line.starts_with("--")) continue;
    statement += line;
    if (line.ends_with(';')) {
      statement.pop_back();
      statements.push_back(std::move(statement));
      statement.clear();
    } else {
      statement += '\n';
    }
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

std::vector<RecordedMigration> read_recorded(Session& db) {
  std::vector<RecordedMigration> recorded;
  for (const auto& row : db.query(
           "SELECT version, name, checksum, applied_us FROM schema_migration ORDER BY version"))
    recorded.push_back({row.integer(0), row.text(1), row.text(2), row.integer(3) != 0});
  return recorded;
}

std::optional<std::string> apply_migrations(Session& db, std::int64_t now_us) {
  db.run(kTable);
  const auto plan = plan_migrations(known_migrations(), read_recorded(db));
  if (const auto* mismatch = std::get_if<std::string>(&plan)) return *mismatch;
  for (const auto& step : std::get<MigrationPlan>(plan).steps) apply(db, step, now_us);
  return std::nullopt;
}

bool schema_is_up_to_date(Session& db) {
  const auto plan = plan_migrations(known_migrations(), read_recorded(db));
  const auto* const steps = std::get_if<MigrationPlan>(&plan);
  return steps != nullptr && steps->steps.empty();
}

std::optional<std::string> bring_schema_up_to_date(Session& db, std::int64_t now_us) {
  const auto charset = db.query("SELECT @@character_set_database").at(0).text(0);
  if (charset != "utf8mb4") return "the database's character set is " + charset + ", not utf8mb4";
  try {
    // Nothing to do: not even a statement that would wait for a replica.
    if (schema_is_up_to_date(db)) return std::nullopt;
  } catch (const SqlError& error) {
    if (error.trouble() != Trouble::Missing) throw;
  }
  const SchemaLock lock{db};
  return apply_migrations(db, now_us);
}

}  // namespace booking::store
