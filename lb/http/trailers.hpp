#pragma once

#include "lb/http/message.hpp"

#include <string>
#include <string_view>

namespace lb::http {

/// Whether a field of this name, a token, may come after the content (RFC 9110 §6.5.1): none that
/// says how the message is framed, routed, authorised, conditioned or to be read, none that
/// endpoints trust us to write, and none that some server could read as one of these (`_` for `-`).
bool may_be_trailer(std::string_view name);

/// The sender of these fields takes trailers (RFC 9110 §10.1.4).
bool accepts_trailers(const Fields& fields);

/// The names in `Trailer` that may come, as a list; empty when there are none.
std::string announced_trailers(const Fields& fields);

}  // namespace lb::http
