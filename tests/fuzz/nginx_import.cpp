// Fuzz entry for nginx configurations: whatever is imported is right for lbd.
#include "common/contract.hpp"
#include "lb/config/load.hpp"
#include "lb/import/nginx.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb;
  const std::string text{data, data + size};
  const import::Files files{
      [&text](const std::string& path, std::size_t most) -> std::optional<std::string> {
        if (path != "/nginx.conf" || text.size() > most) return std::nullopt;
        return text;
      },
      [](const std::string&) { return std::vector<std::string>{"/nginx.conf"}; }};
  const auto imported = import::import_nginx("/nginx.conf", files);
  if (!imported) return 0;
  const auto loaded = config::load_text(imported->yaml, "lbd.yaml");
  for (const auto& error : loaded.errors) std::fprintf(stderr, "%s\n", error.to_string().c_str());
  common::expects(loaded.errors.empty(), "what is imported passes lbd --check");
  return 0;
}
