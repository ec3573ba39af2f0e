// Fuzz entry for the name of a router in a path of the operator's door.
#include "common/contract.hpp"
#include "vrrpd/control/control.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vrrp::control::RouterName;
  const std::string text{data, data + size};
  const auto name = RouterName::parse(text);
  if (!name) return 0;
  common::expects(name->vrid != 0, "a VRID is not 0");
  const auto written =
      (name->interface.empty() ? "" : name->interface + '/') + std::to_string(name->vrid);
  const auto again = RouterName::parse(written);
  common::expects(again && again->vrid == name->vrid && again->interface == name->interface,
                  "what was read is written the same");
  return 0;
}
