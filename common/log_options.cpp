#include "common/log_options.hpp"

namespace common {

void read_log_options(const ConfigNode& log, LogOptions& out) {
  log.read_choice("format", out.format,
                  {{"json", LogFormat::Json}, {"console", LogFormat::Console}});
  log.read_choice("level", out.level,
                  {{"debug", LogLevel::Debug},
                   {"info", LogLevel::Info},
                   {"warn", LogLevel::Warn},
                   {"error", LogLevel::Error}});
}

}  // namespace common
