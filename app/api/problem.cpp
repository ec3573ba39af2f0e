#include "app/api/problem.hpp"

#include "app/api/problem_words.hpp"
#include "app/store/errc.hpp"
#include "common/json_text.hpp"
#include "common/reason_phrase.hpp"

namespace booking::api {
namespace {

constexpr std::chrono::seconds kRetryStore{2};  // about what a change of the primary takes
constexpr std::chrono::seconds kRetryLoad{1};
constexpr std::chrono::seconds kRetryRunning{1};
/// A hostile body may be wrong in thousands of places; nobody reads more than these.
constexpr std::size_t kMostErrors = 20;

std::string_view title_of(unsigned status) {
  const auto phrase = common::reason_phrase(status);
  return phrase.empty() ? std::string_view{"Internal Server Error"} : phrase;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  common::append_json_string(out, name);
  out += ':';
  common::append_json_string(out, value);
}

}  // namespace

std::string to_json(const Problem& problem, std::string_view request_id, bool korean) {
  const auto translated = korean ? korean_detail(problem.code) : std::string_view{};
  std::string out{"{"};
  append_member(out, "type", std::string{"urn:bookd:problem:"}.append(problem.code));
  append_member(out, "title", title_of(problem.status));
  out += ",\"status\":" + std::to_string(problem.status);
  append_member(out, "detail", translated.empty() ? std::string_view{problem.detail} : translated);
  append_member(out, "code", problem.code);
  if (!problem.errors.empty()) {
    out += ",\"errors\":[";
    for (std::size_t i = 0; i < problem.errors.size() && i < kMostErrors; ++i) {
      const auto& error = problem.errors[i];
      out += i == 0 ? "{" : ",{";
      append_member(out, "pointer", error.pointer);
      append_member(out, "code", error.code);
      append_member(out, "detail", error.english);
      append_member(out, "detail_ko", error.korean);
      out += '}';
    }
    out += ']';
  }
  if (!problem.next_free.empty()) {
    out += ",\"next_free\":[";
    for (std::size_t i = 0; i < problem.next_free.size(); ++i) {
      if (i > 0) out += ',';
      common::append_json_string(out, core::format_rfc3339(problem.next_free[i]));
    }
    out += ']';
  }
  if (!problem.misfit.empty()) append_member(out, "misfit", problem.misfit);
  if (!problem.challenge.empty()) {
    append_member(out, "challenge", problem.challenge);
    out += ",\"challenge_bits\":" + std::to_string(problem.challenge_bits);
  }
  append_member(out, "request_id", request_id);
  out += '}';
  return out;
}

Response to_response(const Problem& problem, const Request& request) {
  Response response{problem.status, {}, {}};
  const bool korean = prefers_korean(request.field("Accept-Language"));
  response.body = to_json(problem, request.id, korean);
  response.set("Content-Type", "application/problem+json");
  response.set("Content-Language", korean ? "ko" : "en");
  if (problem.retry_after)
    response.set("Retry-After", std::to_string(problem.retry_after->count()));
  return response;
}

Problem store_problem(const boost::system::error_code& error) {
  if (error == store::Errc::Overloaded)
    return {503, "overloaded", "too many requests are waiting for the database", {}, kRetryLoad};
  if (error == store::Errc::Unavailable)
    return {503,
            "store_unavailable",
            "the database does not answer; nothing was changed",
            {},
            kRetryStore};
  if (error == store::Errc::UnknownOutcome)
    return {503,
            "outcome_unknown",
            "the database went away while it answered; the same request with the same key is safe",
            {},
            kRetryStore};
  if (error == store::Errc::SchemaMismatch)
    return {503,
            "schema_mismatch",
            "the database's schema is not the one of this release",
            {},
            kRetryStore};
  return {500, "internal", "something went wrong on our side", {}, {}};
}

Problem move_problem(store::MoveRefusal refusal) {
  switch (refusal) {
    case store::MoveRefusal::NotFound:
      return {404, "booking_not_found", "no booking has this number and this phone", {}, {}};
    case store::MoveRefusal::Stale:
      return {412, "stale_version", "the booking changed since it was read", {}, {}};
    case store::MoveRefusal::SlotTaken:
      return {409, "slot_taken", "the technician already has a visit at that time", {}, {}};
    case store::MoveRefusal::OffCalendar:
      return {
          409, "off_calendar", "the shop does not work then; say `anyway` if it is meant", {}, {}};
    case store::MoveRefusal::VisitNeeded:
      return {409, "visit_needed", "no visit has been agreed on yet: bring one", {}, {}};
    case store::MoveRefusal::TooLate:
      return {409, "too_late", "the visit is too near; please call", {}, {}};
    case store::MoveRefusal::EstimateOver:
      return {409, "estimate_expired", "the estimate's time is over", {}, {}};
    case store::MoveRefusal::KeyMismatch:
      return {422,
              "idempotency_key_reused",
              "this Idempotency-Key came before with another request",
              {},
              {}};
    case store::MoveRefusal::KeyRunning:
      return {409,
              "request_running",
              "a request with this Idempotency-Key is being carried out",
              {},
              kRetryRunning};
    case store::MoveRefusal::IllegalMove:
      break;
  }
  return {409, "illegal_state", "that cannot be done to a booking in this status", {}, {}};
}

Problem fields_problem(std::vector<core::FieldError> errors) {
  return {400, "invalid_fields", "some fields cannot be used as they are", std::move(errors), {}};
}

}  // namespace booking::api
