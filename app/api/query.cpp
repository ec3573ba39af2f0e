#include "app/api/query.hpp"

#include "app/core/civil_time.hpp"

#include <charconv>

namespace booking::api {

std::variant<web::FormData, Problem> query_of(const Request& request) {
  auto query = web::FormData::decode(request.query);
  if (!query) return query_problem("the query is not percent-encoded UTF-8");
  return std::move(*query);
}

Problem query_problem(std::string detail) {
  return {400, "invalid_query", std::move(detail), {}, {}};
}

std::variant<store::Period, Problem> period_of(const web::FormData& query) {
  const auto from = core::parse_rfc3339(std::string{query.value("from")});
  const auto to = core::parse_rfc3339(std::string{query.value("to")});
  if (!from || !to || *to <= *from)
    return query_problem("from and to are two times such as 2026-12-01T00:00:00+09:00, in order");
  return store::Period{*from, *to};
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace booking::api
