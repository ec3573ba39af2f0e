#include "lb/server/birth.hpp"

#include <unistd.h>
#include <utility>

namespace lb::server {

Birth::Birth(InheritedSockets& inherited) {
  if (auto pipe = inherited.take_named(InheritedSockets::kReady)) pipe_ = std::move(pipe->socket);
}

void Birth::say(std::string_view words) {
  if (!pipe_) return;
  [[maybe_unused]] const auto written = ::write(pipe_.number(), words.data(), words.size());
  pipe_.reset();
}

}  // namespace lb::server
