#include "app/api/problem.hpp"

#include "app/store/errc.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace booking::api {

TEST_CASE("A problem is an object of RFC 9457", "[booking][api][rfc9457]") {
  const Problem problem{
      400, "invalid_fields", "look \"here\"", {{"/phone", "invalid", "확인", "bad"}}, {}};
  const auto json = boost::json::parse(to_json(problem, "id-1")).as_object();
  CHECK(json.at("type") == "urn:bookd:problem:invalid_fields");
  CHECK(json.at("title") == "Bad Request");
  CHECK(json.at("status") == 400);
  CHECK(json.at("detail") == "look \"here\"");
  CHECK(json.at("code") == "invalid_fields");
  CHECK(json.at("request_id") == "id-1");
  CHECK(json.at("errors").at(0).at("pointer") == "/phone");
  CHECK(json.at("errors").at(0).at("detail_ko") == "확인");
}

TEST_CASE("A problem's title is its status in words", "[booking][api][rfc9457]") {
  const auto status = GENERATE(400U, 401U, 403U, 404U, 405U, 409U, 412U, 413U, 415U, 422U, 428U,
                               429U, 431U, 501U, 503U);
  CAPTURE(status);
  const auto json = boost::json::parse(to_json({status, "code", "", {}, {}}, "")).as_object();
  CHECK(json.at("title") != "Internal Server Error");
}

TEST_CASE("A problem never repeats more than a bounded number of faults", "[booking][api]") {
  const auto problem =
      fields_problem(std::vector<core::FieldError>(5000, {"/x", "unknown", "", ""}));
  CHECK(boost::json::parse(to_json(problem, "")).at("errors").as_array().size() == 20);
}

TEST_CASE("What the store cannot do now may be tried again", "[booking][api]") {
  const auto error = GENERATE(store::Errc::Unavailable, store::Errc::Overloaded,
                              store::Errc::UnknownOutcome, store::Errc::SchemaMismatch);
  const auto response = to_response(store_problem(error), Request{});
  CHECK(response.status == 503);
  CHECK(std::ranges::any_of(response.fields,
                            [](const auto& field) { return field.first == "Retry-After"; }));
  CHECK(store_problem(store::Errc::Internal).status == 500);
}

}  // namespace booking::api
