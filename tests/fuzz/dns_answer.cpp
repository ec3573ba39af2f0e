// Fuzz entry for what name servers answer: whatever it is, what comes of it is bounded and can be
// connected to.
#include "lb/discovery/dns_answer.hpp"

#include "common/contract.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb::discovery;
  const std::span message{data, size};
  for (const auto& addresses : {parse_v4(message), parse_v6(message)}) {
    if (!addresses) continue;
    common::expects(!addresses->list.empty() && addresses->list.size() <= kMostAnswers,
                    "an answer is bounded");
    common::expects(addresses->ttl.count() >= 0, "time goes forward");
  }
  if (const auto services = parse_services(message)) {
    common::expects(!services->list.empty() && services->list.size() <= kMostAnswers,
                    "an answer is bounded");
    for (const auto& service : services->list)
      common::expects(service.port != 0 && !service.host.empty(), "a service can be asked");
  }
  return 0;
}
