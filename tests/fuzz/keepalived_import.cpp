// Fuzz entry for keepalived configurations: whatever is imported is right for vrrpd.
#include "common/contract.hpp"
#include "vrrpd/config/load.hpp"
#include "vrrpd/import/keepalived.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrrp;
  const std::string text{data, data + size};
  const import::Files files{
      [&text](const std::string& path, std::size_t most) -> std::optional<std::string> {
        if (path != "/keepalived.conf" || text.size() > most) return std::nullopt;
        return text;
      },
      [](const std::string&) { return std::vector<std::string>{"/keepalived.conf"}; }};
  const auto imported = import::import_keepalived("/keepalived.conf", files);
  if (!imported) return 0;
  const auto loaded = config::load_text(imported->yaml, "vrrpd.yaml");
  if (!loaded)
    for (const auto& error : loaded.error())
      std::fprintf(stderr, "%s\n", error.to_string().c_str());
  common::expects(loaded.has_value(), "what is imported passes vrrpd --check");
  return 0;
}
