#pragma once

#include "scripts/strobe/measure/summary.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace strobe::driver {

/// Adds records up and writes their lines. A line is on its way to the reader after the next
/// flush().
class Recorder {
 public:
  /// `path`: a file, "-" for standard output, empty for no lines. Throws
  /// std::system_error.
  Recorder(const std::string& path, measure::Summary summary);

  void add(const measure::Record& record);
  void add(const measure::Handshake& handshake) { summary_.add(handshake); }
  void flush();
  std::string summary(double start_ms) const { return summary_.to_json(start_ms); }

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };
  std::unique_ptr<std::FILE, Close> lines_;
  measure::Summary summary_;
};

}  // namespace strobe::driver
