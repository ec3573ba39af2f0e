#pragma once

#include "lb/discovery/dns_watch.hpp"

namespace lb::discovery {

/// Reads a file of endpoints and reads it again whenever it may have changed: written, replaced by
/// a rename, its directory made anew; where the kernel does not tell, every kRecheck. A file that
/// cannot be read or has a bad line changes nothing but the reason.
class FileWatch {
 public:
  static constexpr std::size_t kLargestFile = 256 * 1024;
  static constexpr std::chrono::seconds kRecheck{5};
  /// After the first sign of a change, for the others that come with it.
  static constexpr std::chrono::milliseconds kSettle{10};

  FileWatch(boost::asio::io_context& context, EndpointFile file, Listener listener);
  /// After it nothing is told.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace lb::discovery
