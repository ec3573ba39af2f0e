#pragma once

#include "app/dbctl/config/options.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using MYSQL = struct st_mysql;

namespace booking::dbctl {

/// A statement or a connection that failed, in the words of the server or the library.
class SqlError : public std::runtime_error {
 public:
  SqlError(unsigned number, const std::string& message)
      : std::runtime_error{message + " (" + std::to_string(number) + ")"}, number_{number} {}
  unsigned number() const { return number_; }
  /// Whether the session cannot be used any more: the library's own errors, or the server ended it.
  bool breaks_session() const;

 private:
  unsigned number_;
};

/// The first row of an answer, by column; a NULL is an empty text.
using Row = std::map<std::string, std::string>;

/// One session with one node, over TLS unless the options say otherwise. Blocks, for `limit` at
/// most; used by one thread at a time. Everything throws SqlError.
class Session {
 public:
  Session(const NodeOptions& node, const Options& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void run(const std::string& sql, std::chrono::milliseconds limit);
  /// The first row; nothing when there is none.
  std::optional<Row> row(const std::string& sql, std::chrono::milliseconds limit);
  std::vector<std::vector<std::string>> rows(const std::string& sql,
                                             std::chrono::milliseconds limit);
  /// The same, and when the server ends in the middle with error `number`, what came before that:
  /// `broken` says so.
  std::vector<std::vector<std::string>> rows_before_error(const std::string& sql,
                                                          std::chrono::milliseconds limit,
                                                          unsigned number, bool& broken);
  /// The first column of the first row; empty when there is none.
  std::string value(const std::string& sql, std::chrono::milliseconds limit);

 private:
  struct Close {
    void operator()(MYSQL* session) const;
  };
  [[noreturn]] void fail() const;

  std::unique_ptr<MYSQL, Close> session_;
};

}  // namespace booking::dbctl
