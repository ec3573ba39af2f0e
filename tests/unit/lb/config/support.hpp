#pragma once

#include "lb/config/load.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

namespace lb::config {

/// What no configuration can be without.
inline const std::string kLeast = R"(
listeners: [{address: "127.0.0.1:80"}]
upstreams: [{name: a, endpoints: ["127.0.0.1:1"]}]
routes: [{upstream: a}]
)";

/// What is said first of a text that has a fault.
inline std::string first_fault(const std::string& text) {
  const auto loaded = load_text(text, "t.yaml");
  CHECK_FALSE(loaded.snapshot);
  return loaded.errors.empty() ? "" : loaded.errors.front().to_string();
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace lb::config
