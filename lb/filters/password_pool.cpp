#include "lb/filters/password_pool.hpp"

#include <algorithm>
#include <sodium.h>
#include <stdexcept>

namespace lb::filters {

PasswordPool::~PasswordPool() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake_.notify_one();
  // The last filter that used it may be dropped by its own work's end.
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else if (thread_.joinable())
    thread_.join();
}

bool PasswordPool::reserve() {
  const std::lock_guard lock{mutex_};
  if (reserved_ >= kMostWaiting) return false;
  ++reserved_;
  return true;
}

void PasswordPool::run(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(work));
    if (!thread_.joinable()) thread_ = std::thread{[this] { serve(); }};
  }
  wake_.notify_one();
}

void PasswordPool::serve() {
  std::unique_lock lock{mutex_};
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = {};
    lock.lock();
    --reserved_;
  }
}

PasswordMemory::PasswordMemory() : key_{} {
  if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used"};
  randombytes_buf(key_.data(), key_.size());
}

PasswordMemory::Digest PasswordMemory::digest_of(const Credentials& credentials) const {
  Digest digest;
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.data(), key_.size(), digest.size());
  const auto add = [&state](const std::string& text) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.c_str()),
                              text.size() + 1);  // with its NUL, which neither can hold
  };
  add(credentials.user);
  add(credentials.password);
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

std::size_t PasswordMemory::index_of(const Digest& digest) {
  return (digest[0] | static_cast<std::size_t>(digest[1]) << 8U) % kPlaces;
}

std::optional<bool> PasswordMemory::recall(const Digest& digest, common::TimePoint now) const {
  const std::lock_guard lock{mutex_};
  const auto& place = places_[index_of(digest)];
  if (place.until <= now || place.digest != digest) return std::nullopt;
  return place.right;
}

void PasswordMemory::remember(const Digest& digest, bool right, common::TimePoint now) {
  const std::lock_guard lock{mutex_};
  places_[index_of(digest)] = {digest, now + (right ? common::Duration{kRightFor} : kWrongFor),
                               right};
}

}  // namespace lb::filters
