#pragma once

#include "app/core/booking_request.hpp"
#include "app/core/idempotency.hpp"

namespace booking::store {

/// SHA-256 of the request's canonical text.
core::Fingerprint fingerprint(const core::BookingRequest& request);

}  // namespace booking::store
