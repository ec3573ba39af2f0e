#include "app/store/transaction.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};

constexpr int kMostAttempts = 1000;  // the deadline comes before; this bounds what never waits
constexpr std::chrono::milliseconds kFirstPause{5};
constexpr std::chrono::milliseconds kLongestPause{50};

/// One run of the work, with how far it came.
class Run {
 public:
  Run(Lane& lane, Kind kind, const Work& work) : lane_{lane}, kind_{kind}, work_{work} {}

  void once(const Attempt& attempt) {
    committing_ = false;
    auto& session = lane_.session();
    if (kind_ == Kind::Write) session.begin();
    const auto ending = work_(session, attempt);
    if (kind_ == Kind::Read) return;
    committing_ = ending == Ending::Commit;
    session.run(committing_ ? "COMMIT" : "ROLLBACK");
    if (committing_) lane_.source().wrote(session.last_written());
  }

  void roll_back() {
    auto* session = lane_.open_session();
    if (kind_ == Kind::Read || session == nullptr) return;
    try {
      session->run("ROLLBACK");
    } catch (const SqlError&) {
      lane_.drop();  // what loses its session is rolled back
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

boost::system::error_code perform(Lane& lane, Kind kind, const Work& work,
                                  common::TimePoint deadline, std::atomic<std::uint64_t>& retries) {
  Run run{lane, kind, work};
  Attempt attempt;
  auto pause = kFirstPause;
  for (int tries = 1;; ++tries) {
    try {
      run.once(attempt);
      return {};
    } catch (const NoNode& error) {
      return attempt.maybe_committed ? Errc::UnknownOutcome : error.why();
    } catch (const Again&) {
      run.roll_back();
    } catch (const SqlError& error) {
      switch (error.trouble()) {
        case Trouble::Broken:
          if (run.committing()) attempt.maybe_committed = true;
          [[fallthrough]];
        case Trouble::ReadOnly:
          lane.drop();
          lane.source().doubt(error);
          break;
        case Trouble::Deadlock:
        case Trouble::LockWait:
          run.roll_back();
          break;
        case Trouble::Duplicate:
        case Trouble::Exists:
        case Trouble::Missing:
        case Trouble::Refused:
          run.roll_back();
          kLog.error("the database refused a statement", {{"why", error.what()}});
          return Errc::Internal;
      }
    } catch (const std::exception& error) {
      // Nothing of the database's: no memory, a value nobody foresaw. It ends this operation alone.
      lane.drop();
      kLog.error("an operation failed", {{"why", error.what()}});
      return attempt.maybe_committed || run.committing() ? Errc::UnknownOutcome : Errc::Internal;
    }
    if (tries >= kMostAttempts || common::Clock::now() + pause >= deadline)
      return attempt.maybe_committed ? Errc::UnknownOutcome : Errc::Unavailable;
    ++retries;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace booking::store
