#pragma once

#include "lb/upstream/endpoint.hpp"

#include <utility>

namespace lb::upstream {

class Upstream;

/// One exchange at one endpoint: counts there as in flight, and keeps the endpoint's memory even if
/// it leaves the upstream. Its end gives the place to whoever waits for it. The upstream outlives
/// it.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept { swap(other); }
  Lease& operator=(Lease&& other) noexcept {
    Lease{std::move(other)}.swap(*this);
    return *this;
  }
  ~Lease() {
    if (endpoint_ != nullptr) end();
  }

  explicit operator bool() const { return endpoint_ != nullptr; }
  Endpoint* get() const { return endpoint_; }
  Endpoint& operator*() const { return *endpoint_; }
  Endpoint* operator->() const { return endpoint_; }

 private:
  friend class Upstream;
  Lease(Upstream& upstream, Endpoint& endpoint) : upstream_{&upstream}, endpoint_{&endpoint} {}
  void swap(Lease& other) noexcept {
    std::swap(upstream_, other.upstream_);
    std::swap(endpoint_, other.endpoint_);
  }
  void end();

  Upstream* upstream_{nullptr};
  Endpoint* endpoint_{nullptr};
};

}  // namespace lb::upstream
