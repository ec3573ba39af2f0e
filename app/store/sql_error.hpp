#pragma once

#include <stdexcept>
#include <string>

namespace booking::store {

/// What an error of a database or its library means for whoever ran the statement.
enum class Trouble {
  Broken,     // the session is gone or not to be trusted, or its node cannot do its work: drop it
  ReadOnly,   // this node takes no writes (any more)
  Deadlock,   // the server rolled the transaction back
  LockWait,   // another transaction holds a row (or the file) too long
  Duplicate,  // a unique key is taken
  Exists,     // the table or index to be made is there already
  Missing,    // no such table, or none we may see
  Refused     // our statement or our rights are wrong
};

/// Of an error number of MariaDB or MySQL, the client library's own included.
Trouble mariadb_trouble(unsigned error_number);
/// Of an extended result code of SQLite.
Trouble sqlite_trouble(int code);

/// A failed statement. It ends its whole transaction, so it is thrown, to the one place that
/// decides what comes next (perform() in transaction.cpp); no public function lets it out.
class SqlError : public std::runtime_error {
 public:
  SqlError(Trouble trouble, const std::string& message)
      : std::runtime_error{message}, trouble_{trouble} {}

  Trouble trouble() const { return trouble_; }

 private:
  Trouble trouble_;
};

}  // namespace booking::store
