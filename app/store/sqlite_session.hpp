#pragma once

#include "app/store/session.hpp"

#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace booking::store {

/// A session with a database in a file. A commit is on the disk when it returns.
class SqliteSession final : public Session {
 public:
  /// Makes the file, readable for its owner alone, when there is none; the folder must be there.
  explicit SqliteSession(const std::string& path);
  ~SqliteSession() override;

  void begin() override { run("BEGIN IMMEDIATE"); }
  void run(const std::string& sql) override;
  std::vector<Row> query(const char* sql, const std::vector<Parameter>& parameters) override;
  std::uint64_t execute(const char* sql, const std::vector<Parameter>& parameters) override;
  std::string name() const override { return path_; }

 private:
  struct CloseSession {
    void operator()(sqlite3* session) const;
  };
  struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Reset {
    void operator()(sqlite3_stmt* statement) const;
  };
  /// A statement with its parameters, ready to be stepped; set back when it goes.
  using Running = std::unique_ptr<sqlite3_stmt, Reset>;

  [[noreturn]] void fail() const;
  Running start(const char* sql, const std::vector<Parameter>& parameters);
  bool step(sqlite3_stmt* statement);

  std::string path_;
  std::unique_ptr<sqlite3, CloseSession> session_;
  // By text; as many as the program has statements.
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, CloseStatement>> prepared_;
};

}  // namespace booking::store
