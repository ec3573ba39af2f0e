#include "app/store/scout.hpp"

#include "app/store/work_pool.hpp"

#include <exception>
#include <sys/socket.h>
#include <utility>

namespace booking::store {
namespace {

constexpr std::chrono::milliseconds kPatience{300};     // then a node is silent
constexpr std::chrono::seconds kIoTimeout{1};           // then its session is given up
constexpr std::chrono::milliseconds kBetweenLooks{10};  // however many doubt

}  // namespace

Scout::Scout(Cluster& cluster, const MariadbOptions& options, std::size_t node)
    : cluster_{cluster}, options_{options}, node_{node}, thread_{[this] { run(); }} {}

Scout::~Scout() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Scout::watch(common::TimePoint now) {
  {
    const std::lock_guard lock{mutex_};
    if (!looking_since_ || now - *looking_since_ < kPatience) return;
  }
  cluster_.tell_silent(node_);
}

void Scout::run() {
  block_signals();
  while (true) {
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) break;
      looking_since_ = common::Clock::now();
    }
    look();
    {
      const std::lock_guard lock{mutex_};
      looking_since_.reset();
    }
    std::this_thread::sleep_for(kBetweenLooks);
    cluster_.wait(options_.probe_interval);
  }
  hold(nullptr);
}

/// A session that broke says nothing of the node: only a new one that cannot be made does, or
/// one that does not answer as a database of ours.
void Scout::look() {
  for (const bool had_one = session_ != nullptr; const bool last : {!had_one, true}) {
    try {
      if (!session_)
        hold(std::make_unique<MariadbSession>(options_.nodes[node_], options_, kIoTimeout));
      return cluster_.tell(node_, NodeView::State::Answers, standing_of(*session_), {});
    } catch (const std::exception& error) {
      hold(nullptr);
      if (last) return cluster_.tell(node_, NodeView::State::Gone, {}, error.what());
    }
  }
}

void Scout::hold(std::unique_ptr<MariadbSession> session) {
  {
    const std::lock_guard lock{mutex_};
    socket_ = session ? session->socket() : -1;
    if (stopping_ && socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }
  session_ = std::move(session);  // closes the old one, whose number is no longer known
}

}  // namespace booking::store
