// Fuzz entry for what frames of the LAN claim: ARP and neighbour advertisements.
#include "vrrpd/packet/neighbor_claim.hpp"

#include "common/contract.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrrp;
  const auto claim = packet::neighbor_claim({data, size});
  if (!claim) return 0;
  common::expects(claim->address != common::IpAddress{}, "0.0.0.0 is claimed by nobody");
  // Whatever is claimed can be asked after, and the question claims nothing itself.
  const auto probe = packet::ownership_probe(claim->address, claim->mac);
  common::expects(!packet::neighbor_claim(probe), "a probe claims no address");
  return 0;
}
