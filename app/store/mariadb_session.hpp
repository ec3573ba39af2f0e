#pragma once

#include "app/store/mariadb_store.hpp"
#include "app/store/session.hpp"
#include "common/address.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

using MYSQL = struct st_mysql;
using MYSQL_STMT = struct st_mysql_stmt;

namespace booking::store {

/// A session with one node of MariaDB or MySQL.
class MariadbSession final : public Session {
 public:
  /// A statement is short work: what takes longer is a node that froze or was cut off.
  static constexpr std::chrono::seconds kIoTimeout{2};

  MariadbSession(const common::SocketAddress& node, const MariadbOptions& options,
                 std::chrono::seconds io_timeout = kIoTimeout);
  ~MariadbSession() override;

  /// The first of a session asks the server; each later one begins with its first statement.
  void begin() override;
  void run(const std::string& sql) override;
  std::vector<Row> query(const char* sql, const std::vector<Parameter>& parameters) override;
  std::uint64_t execute(const char* sql, const std::vector<Parameter>& parameters) override;
  int socket() const override;
  std::string name() const override { return node_.to_string(); }
  std::string last_written() const override { return last_written_; }
  const char* position_variable() const override;
  const char* wait_for_position() const override;

 private:
  struct CloseSession {
    void operator()(MYSQL* session) const;
  };
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const;
  };

  [[noreturn]] void fail() const;
  MYSQL_STMT* start(const char* sql, const std::vector<Parameter>& parameters);

  void open(const MariadbOptions& options);
  void note_written();

  common::SocketAddress node_;
  bool mariadb_{true};         // not: MySQL
  bool commits_itself_{true};  // each statement: until the first transaction
  std::string last_written_;
  std::unique_ptr<MYSQL, CloseSession> session_;
  // By text; as many as the program has statements.
  std::unordered_map<std::string, std::unique_ptr<MYSQL_STMT, CloseStatement>> prepared_;
};

}  // namespace booking::store
