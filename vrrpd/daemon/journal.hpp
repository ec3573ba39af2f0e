#pragma once

#include "vrrpd/notify/notifier.hpp"
#include "vrrpd/recorder/recorder.hpp"

namespace vrrp::daemon {

/// Who is told what the routers go through.
struct Journal {
  explicit Journal(programs::Runner* programs) : notifier{programs} {}

  recorder::Recorder recorder;
  notify::Notifier notifier;
};

}  // namespace vrrp::daemon
