#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace booking::api {

/// Verifies and hashes passwords off the event loop: one costs 0.1 s of CPU and 64 MiB on purpose.
/// A bounded line, so that a flood of tries takes neither.
class PasswordChecker {
 public:
  static constexpr std::size_t kThreads = 1;
  static constexpr std::size_t kMostWaiting = 8;  // being verified included

  ~PasswordChecker() { pool_.join(); }

  /// Nothing when the line is full. Call on one thread only, the event loop's.
  boost::asio::awaitable<std::optional<bool>> check(std::string hash, std::string password);
  /// The same for a new password's hash; nothing as well when memory is short.
  boost::asio::awaitable<std::optional<std::string>> hash(std::string password);

 private:
  boost::asio::thread_pool pool_{kThreads};
  std::size_t waiting_{0};
};

}  // namespace booking::api
