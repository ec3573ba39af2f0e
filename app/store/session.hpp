#pragma once

#include "app/store/sql_error.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace booking::store {

/// Octets that are not text: ids, hashes.
struct Blob {
  std::string octets;
};

/// What goes into a statement.
using Parameter = std::variant<std::monostate, std::int64_t, std::string, Blob>;

/// What comes out: integers as integers, all else as octets.
class Row {
 public:
  using Value = std::variant<std::monostate, std::int64_t, std::string>;

  explicit Row(std::vector<Value> values) : values_{std::move(values)} {}

  bool is_null(std::size_t i) const { return values_.at(i).index() == 0; }
  std::int64_t integer(std::size_t i) const { return std::get<std::int64_t>(values_.at(i)); }
  const std::string& text(std::size_t i) const { return std::get<std::string>(values_.at(i)); }

 private:
  std::vector<Value> values_;
};

/// One session with one database, in the dialect that MariaDB, MySQL and SQLite share. Blocks; used
/// by one thread at a time. Everything throws SqlError.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;

  /// Begins a transaction that writes; COMMIT and ROLLBACK end it.
  virtual void begin() = 0;
  /// Runs a statement that has no parameters and no result: transactions, schema.
  virtual void run(const std::string& sql) = 0;
  virtual std::vector<Row> query(const char* sql,
                                 const std::vector<Parameter>& parameters = {}) = 0;
  /// How many rows the statement found, whether or not it changed them.
  virtual std::uint64_t execute(const char* sql, const std::vector<Parameter>& parameters) = 0;
  /// False when a unique key is taken, or a SELECT has nothing to insert; the transaction goes on.
  bool insert(const char* sql, const std::vector<Parameter>& parameters);

  // Of a node that has others behind it; nothing elsewhere.
  /// The name of the last transaction that was acknowledged to this session, if it is told.
  virtual std::string last_written() const { return {}; }
  /// What the server calls the position of its log; empty when it has none.
  virtual const char* position_variable() const { return ""; }
  /// A query that yields 0 once a position (its first parameter) is reached within the seconds of
  /// its second.
  virtual const char* wait_for_position() const { return ""; }

  /// For shutdown(2) by another thread: what blocks here then ends at once. -1 when nothing can
  /// block for long.
  virtual int socket() const { return -1; }
  /// The node as people know it: `10.0.0.31:3306`, or a file's name.
  virtual std::string name() const = 0;
};

}  // namespace booking::store
