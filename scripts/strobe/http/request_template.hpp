#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strobe::http {

/// What every request of a run has in common. In `content`, `{n}` becomes the request's ordinal
/// number, `{n4}` its last four digits and `{key}` its idempotency key.
struct RequestTemplate {
  std::string method{"GET"};
  std::string target{"/"};
  std::string host{};
  std::vector<std::string> fields{};  // whole field lines, without their ends
  std::string content{};
  bool close{false};  // `Connection: close`

  /// The octets of request `n`; `key` goes into Idempotency-Key unless it is empty.
  std::string render(std::uint64_t n, std::string_view key) const;
};

}  // namespace strobe::http
