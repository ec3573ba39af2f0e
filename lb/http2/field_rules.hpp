#pragma once

#include "lb/http/field_names.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace lb::http2 {

/// Octets that each field counts for beside its own (RFC 9113 §6.5.2).
inline constexpr std::size_t kFieldOverhead = 32;

/// RFC 9113 §8.2.1.
bool is_well_formed(std::string_view name, std::string_view value);
/// Whether it concerns one hop of HTTP/1.1: malformed in HTTP/2 (RFC 9113 §8.2.2).
bool is_of_connection(http::FieldId id, std::string_view value);

/// One field of a trailer section, as a line of HTTP/1.1. False: malformed.
bool append_trailer(std::string& section, std::string_view name, std::string_view value);

}  // namespace lb::http2
