#pragma once

#include <stdexcept>
#include <string>

namespace booking::store {

/// What an error of the client library or the server means for whoever ran the statement.
enum class Trouble {
  Broken,     // the connection is gone or not to be trusted: drop it
  ReadOnly,   // this node takes no writes (any more)
  Deadlock,   // the server rolled the transaction back
  LockWait,   // another transaction holds a row too long
  Duplicate,  // a unique key is taken
  Refused     // our statement or our rights are wrong
};

Trouble trouble_of(unsigned error_number);

/// A failed statement. It ends its whole transaction, so it is thrown, to the one place that
/// decides what comes next (perform() in transaction.cpp); no public function lets it out.
class SqlError : public std::runtime_error {
 public:
  SqlError(unsigned error_number, const std::string& message)
      : std::runtime_error{message + " (" + std::to_string(error_number) + ")"},
        number_{error_number} {}

  Trouble trouble() const { return trouble_of(number_); }
  unsigned number() const { return number_; }

 private:
  unsigned number_;
};

}  // namespace booking::store
