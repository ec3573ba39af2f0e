#pragma once

#include "app/api/http_message.hpp"

namespace booking::api {

/// Whether a form's POST comes from a page of ours. Browsers say so by Sec-Fetch-Site or Origin; a
/// client that says neither is no browser and carries nobody's cookies.
bool is_same_origin(const Request& request);

}  // namespace booking::api
