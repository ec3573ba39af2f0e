#pragma once

#include "common/time.hpp"
#include "scripts/strobe/measure/histogram.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace strobe::measure {

/// One TLS handshake, begun on a connection that is there.
struct Handshake {
  common::Duration length{0};
  bool done{false};
  std::string failure{};  // why it was not
};

/// What they add up to, apart from the requests: a request's latency has its handshake in it.
class Handshakes {
 public:
  /// A server cannot make more reasons than this; what comes beyond is `other`.
  static constexpr std::size_t kMostReasons = 16;

  void add(const Handshake& handshake);
  bool any() const { return done_ + failed_ > 0; }
  /// {"handshakes":…,"ms":{"p50":…,"p99":…,"max":…},"failed":…,"failed_by_reason":{…}}
  std::string to_json() const;

 private:
  std::uint64_t done_{0};
  std::uint64_t failed_{0};
  std::map<std::string, std::uint64_t> by_reason_;
  Histogram lengths_;
};

}  // namespace strobe::measure
