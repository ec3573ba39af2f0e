#pragma once

#include "app/store/session.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace booking::store {

/// One step of the schema, as its file app/store/migrations/NNNN_name.sql says; built into the
/// program.
struct Migration {
  std::int64_t version;
  std::string_view name;
  std::string_view sql;
};

/// In order of version, without gaps, from 1.
std::span<const Migration> known_migrations();

/// A row of the table schema_migration.
struct RecordedMigration {
  std::int64_t version{0};
  std::string name;
  std::string checksum;
  bool finished{false};
};

struct MigrationPlan {
  struct Step {
    const Migration* migration{nullptr};
    bool resumed{false};  // begun before and interrupted: part of it may be there
  };
  std::vector<Step> steps;
};

/// What is left to do, or in words why the recorded schema is not one of ours: another text under
/// the same version, a gap, or a version we do not know. Of those a name that begins with `expand_`
/// is none of our business: it only added what we do not use, so that this release goes on serving
/// while the next one starts beside it.
std::variant<MigrationPlan, std::string> plan_migrations(
    std::span<const Migration> known, const std::vector<RecordedMigration>& recorded);

/// SHA-256 in hexadecimal.
std::string checksum_of(const Migration& migration);

/// The statements of a migration, without comment lines.
std::vector<std::string> split_statements(std::string_view sql);

/// What the table schema_migration says; nothing when there is none.
std::vector<RecordedMigration> read_recorded(Session& db);

/// Brings the schema up to date; the caller keeps others out. Nothing when it is right, else why it
/// is not ours. Throws SqlError.
std::optional<std::string> apply_migrations(Session& db, std::int64_t now_us);

/// Whether a program of this release finds all that it needs; changes nothing.
bool schema_is_up_to_date(Session& db);

/// The same under a lock of MariaDB or MySQL, so that several programs may start at once.
std::optional<std::string> bring_schema_up_to_date(Session& db, std::int64_t now_us);

}  // namespace booking::store
