// Fuzz entry for the name in a ClientHello and the host that a request is for: what is found in a
// table of names by them, and that a wildcard stands for one label and no more.
#include "common/contract.hpp"
#include "lb/tls/names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lb::tls;
  static const auto table = [] {
    NameTable made;
    made.add("www.example.kr", 1);
    made.add("*.example.kr", 2);
    return made;
  }();
  const auto name = server_name_in({data, size});
  const auto host = host_of({reinterpret_cast<const char*>(data), size});
  common::expects(name.size() + 5 <= std::max<std::size_t>(size, 5), "a name of what has come");
  common::expects(name.find('\0') == std::string::npos, "no name has an end within");
  for (const auto& one : {name, host}) {
    const auto found = table.find(one);
    common::expects((found == std::optional<std::size_t>{1}) == (one == "www.example.kr"),
                    "an exact name is for itself");
    const bool wild = stands_for("*.example.kr", one);
    common::expects(found.has_value() == (wild || one == "www.example.kr"),
                    "who is found is who stands for it");
    common::expects(
        !wild || (one.ends_with(".example.kr") && std::count(one.begin(), one.end(), '.') == 2),
        "a wildcard stands for one label");
  }
  return 0;
}
