#pragma once

#include "app/store/mariadb_store.hpp"
#include "app/store/sql_error.hpp"
#include "common/address.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

using MYSQL = struct st_mysql;
using MYSQL_STMT = struct st_mysql_stmt;

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

/// One session with one node. Blocks; used by one thread at a time. Everything throws SqlError.
class Connection {
 public:
  /// A statement is short work: what takes longer is a node that froze or was cut off.
  static constexpr std::chrono::seconds kIoTimeout{2};

  Connection(const common::SocketAddress& node, const MariadbOptions& options,
             std::chrono::seconds io_timeout = kIoTimeout);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Runs a statement that has no parameters and no result: transactions, schema.
  void run(const std::string& sql);
  std::vector<Row> query(const char* sql, const std::vector<Parameter>& parameters = {});
  /// How many rows the statement found, whether or not it changed them.
  std::uint64_t execute(const char* sql, const std::vector<Parameter>& parameters);
  /// False when a unique key is taken; the transaction goes on.
  bool insert(const char* sql, const std::vector<Parameter>& parameters);

  const common::SocketAddress& node() const { return node_; }
  /// For shutdown(2) by another thread: what blocks here then ends at once.
  int socket() const;

 private:
  struct CloseSession {
    void operator()(MYSQL* session) const;
  };
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const;
  };

  [[noreturn]] void fail() const;
  MYSQL_STMT* start(const char* sql, const std::vector<Parameter>& parameters);

  common::SocketAddress node_;
  std::unique_ptr<MYSQL, CloseSession> session_;
  // By text; as many as the program has statements.
  std::unordered_map<std::string, std::unique_ptr<MYSQL_STMT, CloseStatement>> prepared_;
};

}  // namespace booking::store
