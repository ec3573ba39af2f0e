#pragma once

#include "app/core/booking_request.hpp"
#include "app/core/idempotency.hpp"
#include "app/store/store.hpp"

namespace booking::store {

/// SHA-256 of the request's canonical text.
core::Fingerprint fingerprint(const core::BookingRequest& request);
/// SHA-256 of what the command would do to which booking; who sends it and when is no part of it.
core::Fingerprint fingerprint(const Transition& command);

}  // namespace booking::store
