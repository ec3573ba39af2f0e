// Fuzz entry for what happens to a request between its parser and its endpoint: whatever the
// filters make of a head that was well-formed stays so, and no octet of it becomes a line of an
// answer.
#include "common/contract.hpp"
#include "lb/filters/compression.hpp"
#include "lb/filters/cors.hpp"
#include "lb/filters/field_edits.hpp"
#include "lb/filters/forward_auth.hpp"
#include "lb/filters/password_file.hpp"
#include "lb/filters/rewrite.hpp"
#include "lb/http/characters.hpp"
#include "lb/http1/head_parser.hpp"
#include "lb/routing/route_table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace lb;

routing::Pattern pattern(std::string_view text) { return *routing::Pattern::compile(text); }

routing::RouteTable make_table() {
  routing::Route canary;
  canary.host = "*.kr";
  canary.conditions.cookies = {
      {"beta", routing::Condition::Kind::Match, "^[a-z]+$", pattern("^[a-z]+$")}};
  canary.conditions.query = {{"v", routing::Condition::Kind::Equal, "2", {}}};
  canary.shares = {{1, 1}, {2, 3}};
  canary.share_key = {routing::ShareKey::Kind::Cookie, "sid"};
  routing::Route expression;
  expression.path = {routing::PathRule::Kind::Match, "^/(a|b)+", pattern("^/(a|b)+")};
  routing::Route exact;
  exact.path = {routing::PathRule::Kind::Exact, "/x%2f", {}};
  return routing::RouteTable{{canary, expression, exact, routing::Route{}}};
}

std::shared_ptr<const filters::Chain> make_chain() {
  auto chain = std::make_shared<filters::Chain>();
  filters::CorsOptions cors;
  cors.origins = {"https://a.kr"};
  chain->filters.push_back(std::make_shared<filters::Cors>(cors));
  filters::RedirectOptions redirect;
  redirect.path = filters::PathChange{filters::PathChange::Match{pattern("^/go(.*)$"), "/\\1"}};
  chain->filters.push_back(std::make_shared<filters::Redirect>(redirect));
  filters::RewriteOptions rewrite;
  rewrite.path = filters::PathChange{filters::PathChange::Match{pattern("(.)a(.)"), "\\2\\1"}};
  chain->filters.push_back(std::make_shared<filters::Rewrite>(rewrite));
  filters::FieldEditOptions edits;
  edits.set.push_back(
      {"X-Seen", *filters::TextTemplate::parse("${method} ${host} ${path} ${query}")});
  chain->filters.push_back(
      std::make_shared<filters::FieldEdits>(edits, filters::FieldEditOptions{}));
  chain->filters.push_back(std::make_shared<filters::Compression>(filters::CompressionOptions{}));
  chain->filters.push_back(std::make_shared<filters::ForwardAuth>(filters::ForwardAuthOptions{}));
  return chain;
}

void expect_sound(const http::Fields& fields) {
  for (const auto& field : fields) {
    common::expects(!field.name.empty() && http::all_are(field.name, http::kToken),
                    "a field has a name");
    common::expects(http::all_are(field.value, http::kFieldValue), "a value is one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto table = make_table();
  static const auto chain = make_chain();
  const std::string text{data, data + size};
  filters::parse_basic(text);
  http1::ParsedRequest request;
  const auto parsed = http1::parse_request(text, http1::Limits{}, request);
  if (!parsed || *parsed == 0 || request.head.method == http::Method::Connect) return 0;
  auto& head = request.head;
  const auto* route = table.find(head);
  common::expects(route != nullptr, "the last route takes everything");
  routing::upstream_of(*route, head, "192.0.2.1", size);

  filters::Passage passage{chain};
  const auto client = common::IpAddress::v4(0xC0000201);
  const filters::Request asked{head, client, "http", "id-1", common::TimePoint{}};
  auto next = passage.on_request(asked);
  if (next == filters::Next::Ask) {
    http1::ParsedRequest question;
    const auto& octets = passage.subrequest().head;
    http1::Limits wide;
    wide.fields = 1000;
    wide.head = wide.field_line = wide.request_line = 1U << 20U;
    const auto again = http1::parse_request(octets, wide, question);
    common::expects(head.authority.empty() || (again && *again == octets.size()),
                    "a subrequest is one request");
    const filters::Subanswer yes{{200, {}}, {}};
    next = passage.on_subanswer(&yes, asked);
  }
  http::ResponseHead answer;
  answer.status = 200;
  if (next == filters::Next::Answer) {
    answer.fields = passage.answer().fields;
  } else {
    passage.edit(head);
    const auto target = std::string{head.target.path}.append(head.target.query);
    common::expects(http::parse_target(target, true).has_value(), "a rewritten target is a target");
    expect_sound(head.fields);
    answer.fields = {{"Content-Type", "text/html"}};
  }
  filters::Response response{answer, true, next == filters::Next::Answer, 1};
  passage.on_response(response);
  expect_sound(answer.fields);
  return 0;
}
