#pragma once

#include "common/address.hpp"
#include "common/time.hpp"
#include "scripts/strobe/driver/target.hpp"
#include "scripts/strobe/driver/tls.hpp"
#include "scripts/strobe/http/request_template.hpp"

#include <optional>
#include <string>
#include <vector>

namespace strobe::driver {

struct Options {
  Target target;
  std::optional<common::SocketAddress> address;  // where it is; else its name is looked up
  TlsOptions tls;
  http::RequestTemplate request;
  std::string kind{
      "get"};        // get: one attempt; book: an Idempotency-Key, attempts until acknowledged
  double rate{100};  // requests a second
  common::Duration duration{std::chrono::seconds{10}};
  std::uint64_t count{0};         // 0: as many as fit into the duration
  bool keep_alive{false};         // else a new connection for each request
  std::size_t connections{16};    // at most, with keep_alive
  std::size_t concurrency{1024};  // requests under way at most; one more is recorded as overload
  common::Duration timeout{std::chrono::seconds{2}};     // of one attempt
  common::Duration retry_for{std::chrono::seconds{10}};  // book: from the scheduled instant
  common::Duration retry_pause{std::chrono::milliseconds{50}};
  common::Duration threshold{std::chrono::milliseconds{250}};  // a later answer counts into the gap
  std::string lines;             // where the JSON lines go; "-": standard output; empty: nowhere
  common::Duration timeline{0};  // a point of the summary's for each such stretch; 0: none
  std::string summary{"-"};      // where the summary goes
};

/// The most requests one run may schedule; each leaves an octet behind.
inline constexpr std::uint64_t kMostRequests = 10'000'000;

extern const char* const kUsage;

/// The options, or what is wrong with the arguments.
struct ReadOptions {
  std::optional<Options> options;
  std::string fault;
};
ReadOptions read_options(const std::vector<std::string>& arguments);

}  // namespace strobe::driver
