#pragma once

#include <string_view>

namespace common {

/// The usual phrase of a status code (RFC 9110 §15, RFC 6585, RFC 8297); empty when it has none
/// here.
std::string_view reason_phrase(unsigned status);

}  // namespace common
