#pragma once

#include "common/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strobe::measure {

/// Why a request was not answered as it should be.
enum class Failure : std::uint8_t {
  None,
  Refused,      // connection refused
  Reset,        // connection reset
  Closed,       // the connection ended before the answer did
  Timeout,      // no complete answer in time
  Unreachable,  // no route, no neighbour
  ClientError,  // a 4xx status
  ServerError,  // a 5xx status
  BadResponse,  // octets that are no HTTP/1.1 response, or another unexpected status
  Tls,          // octets that are no TLS, or an alert
  Distrusted,   // a certificate of no authority of ours, for another host, or not of today
  Overload,     // never sent: as many requests as allowed were under way
  Other,
};
inline constexpr std::size_t kFailures = 13;

/// As written into the lines: `refused`, `5xx`, …; empty for None.
std::string_view name(Failure failure);

/// What became of one scheduled request.
struct Record {
  std::uint64_t n{0};
  double scheduled_ms{0};                // UNIX time of the scheduled instant
  std::string_view kind;                 // "get" or "book"; lives as long as the program
  unsigned status{0};                    // of the last answer; 0: none
  std::chrono::microseconds latency{0};  // from the scheduled instant to the end, retries included
  Failure failure{Failure::None};
  unsigned attempts{1};
  std::string number{};           // the booking's number, when one was acknowledged
  std::string reason{};           // of a failure of TLS
  common::Duration handshake{0};  // of its latency; 0: none was made for it
};

/// {"n":…,"t":…,"kind":…,"status":…,"ms":…,"error":…,"attempts":…,"number":…} and a newline; with
/// "handshake_ms" and "reason" when there is something to say.
std::string to_json_line(const Record& record);

}  // namespace strobe::measure
