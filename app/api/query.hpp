#pragma once

#include "app/api/problem.hpp"
#include "app/store/office.hpp"
#include "app/web/form_data.hpp"

#include <optional>
#include <string>
#include <variant>

namespace booking::api {

/// A query's parameters, percent-decoded (app/web/form_data.hpp); 400 for what is none.
std::variant<web::FormData, Problem> query_of(const Request& request);
Problem query_problem(std::string detail);
/// `?from=…&to=…` in RFC 3339, the one before the other.
std::variant<store::Period, Problem> period_of(const web::FormData& query);
std::optional<std::int64_t> number_of(std::string_view text);

}  // namespace booking::api
