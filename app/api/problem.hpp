#pragma once

#include "app/api/http_message.hpp"
#include "app/core/field_error.hpp"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

/// An answer that says no (RFC 9457). `code` is stable and for programs; title and type follow from
/// it.
struct Problem {
  unsigned status{500};
  std::string_view code;  // a literal: `invalid_body`
  std::string detail;
  std::vector<core::FieldError> errors;
  std::optional<std::chrono::seconds> retry_after;
};

/// The body, one JSON object.
std::string to_json(const Problem& problem, std::string_view request_id);
Response to_response(const Problem& problem, const Request& request);

/// What a client is told when the store has no result.
Problem store_problem(const boost::system::error_code& error);
/// 400 with every field at fault.
Problem fields_problem(std::vector<core::FieldError> errors);

}  // namespace booking::api
