// Fuzz entry for the PROXY protocol's header: it ends in one place however it is split, and what
// was read can be written and is then read the same.
#include "common/contract.hpp"
#include "lb/proxy_protocol/header.hpp"
#include "lb/proxy_protocol/write.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb::proxy_protocol;
  using common::expects;
  const std::string octets{data, data + size};
  const auto whole = parse_header(octets);
  if (!whole || !*whole) return 0;
  const auto& header = **whole;
  expects(header.size > 0 && header.size <= size, "a header is no longer than its octets");
  for (std::size_t cut = 0; cut < header.size; ++cut) {
    const auto part = parse_header(std::string_view{octets}.substr(0, cut));
    expects(part && !*part, "a header ends in one place");
    expects(may_be_header(std::string_view{octets}.substr(0, cut)), "its beginning may be one");
  }
  if (!header.ends) return 0;
  for (const auto version : {Version::V1, Version::V2}) {
    const auto& ends = *header.ends;
    const auto written = header_of(version, ends.source, ends.destination);
    const auto again = parse_header(written);
    expects(again && *again && (*again)->size == written.size(), "what is written is a header");
    if (ends.source.ip.is_v6() == ends.destination.ip.is_v6())
      expects((*again)->ends == header.ends, "it says the same");
  }
  return 0;
}
