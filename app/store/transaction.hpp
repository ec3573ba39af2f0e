#pragma once

#include "app/store/errc.hpp"
#include "app/store/work_pool.hpp"
#include "common/time.hpp"

#include <boost/system/error_code.hpp>

#include <atomic>
#include <cstdint>
#include <functional>

namespace booking::store {

/// How a transaction ends, as its work found.
enum class Ending { Commit, RollBack };

/// What the work is told when it is done again.
struct Attempt {
  bool maybe_committed{false};  // an earlier commit got no answer: what it did may be there already
};

/// The statements of one operation. May be run several times, each time from the start.
using Work = std::function<Ending(Session&, const Attempt&)>;

enum class Kind {
  Read,  // statements on their own
  Write  // one transaction
};

/// Thrown by work that read something another transaction changed meanwhile: do it again.
struct Again {};

/// Runs `work` until it ended, within the deadline. Deadlocks, lost sessions and a node that became
/// read-only are met by doing it again, at the node that is right then.
boost::system::error_code perform(Lane& lane, Kind kind, const Work& work,
                                  common::TimePoint deadline, std::atomic<std::uint64_t>& retries);

}  // namespace booking::store
