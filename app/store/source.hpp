#pragma once

#include "app/store/errc.hpp"
#include "app/store/session.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace booking::store {

/// There is no database to be had for this operation, and it shall not wait for one.
class NoNode : public std::runtime_error {
 public:
  NoNode(Errc why, const std::string& words) : std::runtime_error{words}, why_{why} {}

  Errc why() const { return why_; }

 private:
  Errc why_;
};

/// Where the sessions of a pool come from. Thread-safe.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// A session with the database that is right at this moment. Does not wait for there to be one:
  /// throws NoNode, and SqlError when the database cannot be reached.
  virtual std::unique_ptr<Session> open() = 0;
  /// Grows when sessions opened before lead to the wrong place: each is dropped before its next
  /// use. Otherwise a demoted node would go on answering reads from old data.
  virtual std::uint64_t generation() const = 0;
  /// Sessions of an earlier generation than this lead nowhere any more: they are shut, so that
  /// nobody waits for an answer from there.
  virtual std::uint64_t severed() const { return 0; }
  /// What was written was acknowledged under this name.
  virtual void wrote(const std::string& /*name*/) {}
  /// A session broke, or its node no longer takes writes: look at the databases again, now.
  virtual void doubt(const SqlError& why) = 0;
};

}  // namespace booking::store
