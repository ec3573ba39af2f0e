#include "app/store/transaction.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <thread>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};

constexpr int kMostAttempts = 10;          // at deadlocks and lost connections together
constexpr int kMostAttemptsToConnect = 2;  // when no node answers: others wait behind this one
constexpr std::chrono::milliseconds kFirstPause{5};
constexpr std::chrono::milliseconds kLongestPause{200};

/// One run of the work, with how far it came.
class Run {
 public:
  Run(Lane& lane, Kind kind, const Work& work) : lane_{lane}, kind_{kind}, work_{work} {}

  void once(const Attempt& attempt) {
    committing_ = false;
    auto& connection = lane_.connection();
    if (kind_ == Kind::Write) connection.run("START TRANSACTION");
    const auto ending = work_(connection, attempt);
    if (kind_ == Kind::Read) return;
    committing_ = ending == Ending::Commit;
    connection.run(committing_ ? "COMMIT" : "ROLLBACK");
  }

  void roll_back() {
    if (kind_ == Kind::Read) return;
    try {
      lane_.connection().run("ROLLBACK");
    } catch (const SqlError&) {
      lane_.drop();  // the server rolls back what loses its connection
    } catch (const NoWritableNode&) {
      // The connection was gone already, and the transaction with it.
    }
  }

  bool committing() const { return committing_; }

 private:
  Lane& lane_;
  Kind kind_;
  const Work& work_;
  bool committing_{false};
};

}  // namespace

boost::system::error_code perform(Lane& lane, Cluster& cluster, Kind kind, const Work& work,
                                  common::TimePoint deadline, std::atomic<std::uint64_t>& retries) {
  Run run{lane, kind, work};
  Attempt attempt;
  auto pause = kFirstPause;
  int unconnected = 0;
  for (int tries = 1;; ++tries) {
    try {
      run.once(attempt);
      return {};
    } catch (const NoWritableNode&) {
      ++unconnected;
    } catch (const Again&) {
      run.roll_back();
    } catch (const SqlError& error) {
      switch (error.trouble()) {
        case Trouble::Broken:
          lane.drop();
          if (run.committing()) attempt.maybe_committed = true;
          break;
        case Trouble::ReadOnly:
          lane.drop();
          cluster.doubt();
          break;
        case Trouble::Deadlock:
        case Trouble::LockWait:
          run.roll_back();
          break;
        case Trouble::Duplicate:
        case Trouble::Refused:
          run.roll_back();
          kLog.error("the database refused a statement", {{"why", error.what()}});
          return Errc::Internal;
      }
    }
    const bool given_up = tries >= kMostAttempts || unconnected >= kMostAttemptsToConnect;
    const bool late = common::Clock::now() + pause >= deadline;
    if (late || (given_up && !attempt.maybe_committed))
      return attempt.maybe_committed ? Errc::UnknownOutcome : Errc::Unavailable;
    ++retries;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace booking::store
