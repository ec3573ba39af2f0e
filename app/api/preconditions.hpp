#pragma once

#include "app/api/problem.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace booking::api {

// The fields that make a change readable, safe to send twice and safe against other people's
// changes.

/// 415 unless the body is said to be JSON.
std::optional<Problem> unless_json(const Request& request);

/// The request's Idempotency-Key, or the problem that it is missing, comes twice or is not one.
std::variant<std::string, Problem> idempotency_key_of(const Request& request);

/// `"v3"`: the strong validator of a thing in its third version.
std::string etag_of(std::int64_t version);

/// The version a change was made for (RFC 9110 §13.1.1). Nothing for `*`; 428 without the field,
/// 412 when no entity tag in it can be ours.
std::variant<std::optional<std::int64_t>, Problem> if_match_of(const Request& request);

/// 412: another one wrote in between.
Problem stale_problem(std::string detail);

}  // namespace booking::api
