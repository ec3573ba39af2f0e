#include "app/api/preconditions.hpp"

#include "app/core/idempotency.hpp"

#include <charconv>
#include <utility>

namespace booking::api {
namespace {

std::optional<std::int64_t> version_of(std::string_view tag) {
  if (!tag.starts_with("\"v") || !tag.ends_with('"') || tag.size() < 4) return std::nullopt;
  tag = tag.substr(2, tag.size() - 3);
  std::int64_t version = 0;
  const auto [stop, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (error != std::errc{} || stop != tag.data() + tag.size() || version < 1) return std::nullopt;
  return version;
}

}  // namespace

std::optional<Problem> unless_json(const Request& request) {
  if (request.media_type() == "application/json") return std::nullopt;
  return Problem{415, "json_expected", "the body must be application/json", {}, {}};
}

std::variant<std::string, Problem> idempotency_key_of(const Request& request) {
  const auto key = request.field("Idempotency-Key");
  if (request.count("Idempotency-Key") == 1 && core::is_idempotency_key(key))
    return std::string{key};
  return Problem{400,
                 "idempotency_key_missing",
                 "one Idempotency-Key of 1 to 128 visible ASCII characters is needed",
                 {},
                 {}};
}

std::string etag_of(std::int64_t version) { return "\"v" + std::to_string(version) + '"'; }

std::variant<std::optional<std::int64_t>, Problem> if_match_of(const Request& request) {
  const auto field = request.field("If-Match");
  if (field.empty())
    return Problem{428,
                   "precondition_required",
                   "say in If-Match which version is to be changed: the ETag it was read with",
                   {},
                   {}};
  if (field == "*") return std::optional<std::int64_t>{};
  // Of a list nobody makes use here: a client read one version.
  const auto version = version_of(field);
  if (!version || request.count("If-Match") > 1)
    return stale_problem("it changed since it was read");
  return version;
}

Problem stale_problem(std::string detail) {
  return {412, "stale_version", std::move(detail), {}, {}};
}

}  // namespace booking::api
