// Fuzz entry for sticky cookies: whatever a client makes up names nobody; only what was issued
// does.
#include "common/contract.hpp"
#include "lb/balancing/sticky.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono_literals;
  using lb::balancing::StickyCookies;
  static const StickyCookies cookies{StickyCookies::Key{1, 2, 3}, "app", 3600s};
  static const auto id = cookies.id_of("192.0.2.1:80");
  static const std::string issued = cookies.issue(id, 1'000'000s);
  const std::string value{data, data + size};
  common::expects(issued.size() == StickyCookies::kValueSize, "a value has one size");
  common::expects(cookies.verify(value, 1'000'000s).has_value() == (value == issued),
                  "only what was issued names an endpoint");
  // The same octets as an edit of a good value: any change of it is a forgery.
  if (size >= 2) {
    auto edited = issued;
    edited[data[0] % edited.size()] = static_cast<char>(data[1]);
    common::expects(cookies.verify(edited, 1'000'000s).has_value() == (edited == issued),
                    "no octet of it may change");
  }
  common::expects(!cookies.verify(issued, 1'003'601s), "it expires");
  return 0;
}
