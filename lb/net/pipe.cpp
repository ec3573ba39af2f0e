#include "lb/net/pipe.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace lb::net {

Pipe::~Pipe() {
  if (pool_ != nullptr) pool_->give_back(*this);
}

std::optional<Pipe> PipePool::take() {
  if (lent_ == kMost) return std::nullopt;
  std::pair<Descriptor, Descriptor> ends;
  if (!free_.empty()) {
    ends = std::move(free_.back());
    free_.pop_back();
  } else {
    std::array<int, 2> made{};
    if (::pipe2(made.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
    ends = {Descriptor{made[0]}, Descriptor{made[1]}};
  }
  ++lent_;
  return Pipe{*this, std::move(ends.first), std::move(ends.second)};
}

void PipePool::give_back(Pipe& pipe) {
  --lent_;
  if (pipe.held_ == 0 && free_.size() < kMostFree)
    free_.emplace_back(std::move(pipe.out_), std::move(pipe.in_));
}

}  // namespace lb::net
