#pragma once

#include "app/api/http_message.hpp"
#include "app/core/field_error.hpp"
#include "app/store/store.hpp"

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
  std::string challenge{};  // of `lookup_locked`: work that opens it at once (auth/proof.hpp)
  unsigned challenge_bits{0};
  std::vector<common::WallTime> next_free{};  // of `slot_taken` and `off_calendar`: when the
                                              // technician could come
  std::string_view misfit{};                  // of `off_calendar`: why, such as `lunch`
};

/// The body, one JSON object; `detail` in Korean where there are words for it.
std::string to_json(const Problem& problem, std::string_view request_id, bool korean = false);
Response to_response(const Problem& problem, const Request& request);

/// What a client is told when the store has no result.
Problem store_problem(const boost::system::error_code& error);
/// Why a booking was not moved.
Problem move_problem(store::MoveRefusal refusal);
/// 400 with every field at fault.
Problem fields_problem(std::vector<core::FieldError> errors);

}  // namespace booking::api
