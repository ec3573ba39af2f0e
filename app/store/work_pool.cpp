#include "app/store/work_pool.hpp"

#include <csignal>
#include <sys/socket.h>

namespace booking::store {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{50};  // how much late a deadline may be kept

}  // namespace

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

Session& Lane::session() {
  if (session_ && generation_ != source_.generation()) drop();
  if (!session_) {
    if (pool_.stopping()) throw NoNode{Errc::Unavailable, "the store is closing"};
    generation_ = source_.generation();  // before: a change that comes meanwhile counts
    session_ = source_.open();
    pool_.set_socket(*this, session_->socket(), false);
  }
  return *session_;
}

void Lane::drop() {
  if (!session_) return;
  pool_.set_socket(*this, -1, true);  // before: once closed, its number may be another's socket
  session_.reset();
}

WorkPool::WorkPool(Source& source, std::size_t threads, std::size_t queue) : queue_limit_{queue} {
  for (std::size_t i = 0; i < threads; ++i) lanes_.push_back(std::make_unique<Lane>(*this, source));
  for (auto& lane : lanes_) threads_.emplace_back([this, &lane = *lane] { work(lane); });
  watchdog_ = std::jthread{[this] { watch(); }};
}

WorkPool::~WorkPool() {
  std::deque<std::unique_ptr<Job>> waiting;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    waiting.swap(queue_);
    for (const auto& lane : lanes_)
      if (lane->deadline_ && lane->socket_ >= 0) ::shutdown(lane->socket_, SHUT_RDWR);
  }
  work_there_.notify_all();
  stop_there_.notify_all();
  for (const auto& job : waiting) job->refuse(Errc::Unavailable);
  threads_.clear();  // joins, before the lanes go
}

void WorkPool::submit(std::unique_ptr<Job> job) {
  auto why = Errc::Overloaded;
  {
    const std::lock_guard lock{mutex_};
    ++operations_;
    if (stopping_) {
      why = Errc::Unavailable;
    } else if (queue_.size() < queue_limit_) {
      queue_.push_back(std::move(job));
    } else {
      ++overloaded_;
    }
  }
  if (job) {
    job->refuse(why);
    return;
  }
  work_there_.notify_one();
}

std::unique_ptr<Job> WorkPool::next(Lane& lane) {
  std::unique_lock lock{mutex_};
  lane.deadline_.reset();
  work_there_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (stopping_) return nullptr;
  auto job = std::move(queue_.front());
  queue_.pop_front();
  lane.deadline_ = job->deadline();
  return job;
}

void WorkPool::work(Lane& lane) {
  block_signals();
  while (const auto job = next(lane)) job->run(lane);
  lane.drop();
}

void WorkPool::watch() {
  block_signals();
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const auto now = common::Clock::now();
    std::vector<std::unique_ptr<Job>> late;
    // All jobs have the same time to live, so the front is always the first to end.
    while (!queue_.empty() && queue_.front()->deadline() <= now) {
      late.push_back(std::move(queue_.front()));
      queue_.pop_front();
      ++overloaded_;
    }
    for (const auto& lane : lanes_) {
      if (!lane->deadline_ || lane->socket_ < 0) continue;
      const bool over = *lane->deadline_ <= now;
      if (over || lane->opened_in_ < lane->source_.severed()) ::shutdown(lane->socket_, SHUT_RDWR);
      if (over) lane->deadline_.reset();
    }
    lock.unlock();
    for (const auto& job : late) job->refuse(Errc::Overloaded);
    lock.lock();
    stop_there_.wait_for(lock, kWatchInterval, [this] { return stopping_; });
  }
}

void WorkPool::set_socket(Lane& lane, int socket, bool was_lost) {
  const std::lock_guard lock{mutex_};
  lane.socket_ = socket;
  lane.opened_in_ = lane.generation_;
  if (stopping_ && socket >= 0) ::shutdown(socket, SHUT_RDWR);  // opened while that was said
  if (was_lost) ++lost_;
}

std::uint64_t WorkPool::operations() const {
  const std::lock_guard lock{mutex_};
  return operations_;
}

std::uint64_t WorkPool::overloaded() const {
  const std::lock_guard lock{mutex_};
  return overloaded_;
}

std::uint64_t WorkPool::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_;
}

std::size_t WorkPool::queue_length() const {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

bool WorkPool::stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

}  // namespace booking::store
