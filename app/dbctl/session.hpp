#pragma once

#include "app/dbctl/config/options.hpp"

#include <chrono>
#include <functional>
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

/// A row of an answer; a NULL is an empty text.
using Cells = std::vector<std::string>;
/// The same, by column.
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
  std::vector<Cells> rows(const std::string& sql, std::chrono::milliseconds limit);
  /// Gives `take` each row as it comes, however many there are. False when the server broke off in
  /// the middle with error `tolerated`.
  bool each_row(const std::string& sql, std::chrono::milliseconds limit, unsigned tolerated,
                const std::function<void(const Cells&)>& take);
  /// The first column of the first row; empty when there is none.
  std::string value(const std::string& sql, std::chrono::milliseconds limit);

 private:
  struct Close {
    void operator()(MYSQL* session) const;
  };
  std::unique_ptr<MYSQL, Close> session_;
};

}  // namespace booking::dbctl
