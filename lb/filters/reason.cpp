#include "lb/filters/reason.hpp"

#include <array>

namespace lb::filters {
namespace {

constexpr std::array<ReasonRow, kReasonCount> kRows{{
    {403, "address_denied", "This address may not ask here."},
    {429, "rate_limited", "There were too many requests in too short a time."},
    {429, "concurrency_limited", "There are too many requests at the same time."},
    {401, "unauthorized", "A name and its password are needed here."},
    {503, "passwords_busy", "There are too many passwords to be checked just now."},
    {403, "auth_denied", "The request was not authorized."},
    {503, "auth_unavailable", "Whether the request is allowed could not be found out."},
    {503, "maintenance", "The service is being worked on and will be back soon."},
    {302, "redirect", "What was asked for is elsewhere."},
    {200, "fixed_answer", "This is the whole answer."},
    {204, "cors_preflight", "The request may be made."},
    {403, "origin_denied", "Pages of this origin may not make this request."},
    {400, "bad_rewrite", "The path of the request cannot be rewritten."},
}};

}  // namespace

const ReasonRow& row_of(Reason reason) { return kRows.at(static_cast<std::size_t>(reason)); }

}  // namespace lb::filters
