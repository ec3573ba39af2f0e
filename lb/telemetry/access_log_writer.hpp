#pragma once

#include "lb/telemetry/access_log.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace lb::telemetry {

/// Writes the access log of all workers on a thread of its own: a full disk or a pipe nobody reads
/// costs lines, never a request.
class AccessLogWriter {
 public:
  static constexpr std::size_t kMostChunks = 64;  // that wait: 2 MiB of lines or a little more

  struct Chunk {
    std::string lines;
    std::size_t count{0};
  };

  /// `lost` counts lines that could not be written; this thread alone does. Throws
  /// std::system_error when the file cannot be opened.
  AccessLogWriter(const AccessLogOptions& options, std::shared_ptr<ControlCounters> lost);
  /// Writes what was handed over, but waits no longer than `kFarewell` for it.
  ~AccessLogWriter();
  AccessLogWriter(const AccessLogWriter&) = delete;
  AccessLogWriter& operator=(const AccessLogWriter&) = delete;

  /// From any worker; never waits. Takes the chunk or leaves it alone.
  bool offer(Chunk& chunk);
  /// From a worker that ends: waits while another looks at the queue, not for the disk.
  bool offer_last(Chunk& chunk);
  /// From the control thread: the file's name is opened anew before the next line, as whoever
  /// rotates logs wants it. Without effect on standard output.
  void reopen();
  const std::string& file() const;

 private:
  void start();

  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lb::telemetry
