#include "app/store/sqlite_session.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace booking::store {
namespace {

/// Our own writer is alone; when another process (a backup, sqlite3) holds the file, the
/// transaction is begun again after that long, as far as its deadline goes.
constexpr int kBusyMilliseconds = 100;
/// WAL: reads go on while something is written. FULL: the log is synchronised at each commit. What
/// is deleted is overwritten: it may be somebody's telephone number.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
    "PRAGMA secure_delete = ON;";

void make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw SqlError{Trouble::Broken, path + ": " + std::strerror(errno)};
  ::close(file);
}

int bind(sqlite3_stmt* statement, int place, const Parameter& parameter) {
  // The caller's parameters live until the statement has been set back: no copies.
  if (const auto* integer = std::get_if<std::int64_t>(&parameter))
    return sqlite3_bind_int64(statement, place, *integer);
  if (const auto* text = std::get_if<std::string>(&parameter))
    return sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  if (const auto* blob = std::get_if<Blob>(&parameter))
    return sqlite3_bind_blob64(statement, place, blob->octets.data(), blob->octets.size(),
                               SQLITE_STATIC);
  return sqlite3_bind_null(statement, place);
}

Row::Value value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    default: {
      const auto* octets = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return octets == nullptr ? std::string{} : std::string(octets, length);
    }
  }
}

}  // namespace

void SqliteSession::CloseSession::operator()(sqlite3* session) const { sqlite3_close(session); }
void SqliteSession::CloseStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void SqliteSession::Reset::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

SqliteSession::SqliteSession(const std::string& path) : path_{path} {
  make_private_file(path);
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  session_.reset(opened);  // there is one even when opening failed, to tell why
  if (code != SQLITE_OK) fail();
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, kBusyMilliseconds);
  run(kSettings);
}

SqliteSession::~SqliteSession() = default;

void SqliteSession::fail() const {
  throw SqlError{sqlite_trouble(sqlite3_extended_errcode(session_.get())),
                 path_ + ": " + sqlite3_errmsg(session_.get())};
}

void SqliteSession::run(const std::string& sql) {
  if (sqlite3_exec(session_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

SqliteSession::Running SqliteSession::start(const char* sql,
                                            const std::vector<Parameter>& parameters) {
  auto& slot = prepared_[sql];
  if (!slot) {
    sqlite3_stmt* fresh = nullptr;
    const int code =
        sqlite3_prepare_v3(session_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &fresh, nullptr);
    slot.reset(fresh);
    if (code != SQLITE_OK) fail();
  }
  Running running{slot.get()};
  int place = 0;
  for (const auto& parameter : parameters)
    if (bind(running.get(), ++place, parameter) != SQLITE_OK) fail();
  return running;
}

/// Whether there is a row.
bool SqliteSession::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
  return code == SQLITE_ROW;
}

std::vector<Row> SqliteSession::query(const char* sql, const std::vector<Parameter>& parameters) {
  const auto running = start(sql, parameters);
  std::vector<Row> rows;
  while (step(running.get())) {
    std::vector<Row::Value> values;
    for (int i = 0; i < sqlite3_column_count(running.get()); ++i)
      values.push_back(value_of(running.get(), i));
    rows.emplace_back(std::move(values));
  }
  return rows;
}

std::uint64_t SqliteSession::execute(const char* sql, const std::vector<Parameter>& parameters) {
  const auto running = start(sql, parameters);
  while (step(running.get())) {
  }
  return static_cast<std::uint64_t>(sqlite3_changes64(session_.get()));
}

}  // namespace booking::store
