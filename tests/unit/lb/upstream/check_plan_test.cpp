#include "lb/upstream/check_plan.hpp"

#include "tests/support/catch.hpp"

using namespace lb::upstream;
using lb::health::ProbeResult;

namespace {

lb::http::ResponseHead answer(unsigned status, lb::http::Fields fields = {}) {
  return {status, std::move(fields)};
}

lb::http::Field field(std::string_view name, std::string_view value) { return {name, value}; }

}  // namespace

TEST_CASE("A check asks as configured", "[lb][check]") {
  CHECK(CheckPlan{{}}.request("10.0.0.1:80") ==
        "GET /readyz HTTP/1.1\r\nHost: 10.0.0.1:80\r\nUser-Agent: lbd-check\r\nAccept: */*\r\n"
        "Connection: close\r\n\r\n");
  CHECK(CheckPlan{{.method = "HEAD", .path = "/x", .host = "app"}}
            .request("10.0.0.1:80")
            .starts_with("HEAD /x HTTP/1.1\r\nHost: app\r\n"));
}

TEST_CASE("A status within one of the ranges passes", "[lb][check]") {
  const CheckPlan plan{{.statuses = {{200, 204}, {401, 401}}}};
  for (const unsigned status : {200U, 204U, 401U})
    CHECK(plan.judge(answer(status)).result == ProbeResult::Passed);
  for (const unsigned status : {205U, 302U, 400U, 402U, 500U}) {
    const auto report = plan.judge(answer(status));
    CHECK(report.result == ProbeResult::WrongStatus);
    CHECK(report.detail == "status " + std::to_string(status) + ", expected 200-204, 401");
  }
}

TEST_CASE("A field that is expected must be there and fit", "[lb][check]") {
  CheckOptions options{.field_name = "x-app"};
  CHECK(CheckPlan{options}.judge(answer(200, {field("X-App", "")})).result == ProbeResult::Passed);
  CHECK(CheckPlan{options}.judge(answer(200)).detail == "no field x-app");
  options.field.contains = "bookd";
  CHECK(CheckPlan{options}
            .judge(answer(200, {field("X-App", "web"), field("x-app", "bookd 2")}))
            .result == ProbeResult::Passed);
  options.field = {{}, "^bookd [0-9]+$"};
  const CheckPlan plan{options};
  CHECK(plan.judge(answer(200, {field("X-App", "bookd 2")})).result == ProbeResult::Passed);
  CHECK(plan.judge(answer(200, {field("X-App", "bookd 2x")})).result == ProbeResult::WrongContent);
}

TEST_CASE("Content is searched for a text or a pattern", "[lb][check]") {
  const CheckPlan text{{.body = {"ready", {}}}};
  CHECK(text.needs_content());
  CHECK(text.judge_content("all is ready\n", false).result == ProbeResult::Passed);
  CHECK(text.judge_content("not yet", false).detail == "the content lacks \"ready\"");
  CHECK(text.judge_content("x", true).detail ==
        "the content, as far as its first 64 KiB go, lacks \"ready\"");
  const CheckPlan pattern{{.body = {{}, "status.*(ok|fine)"}}};
  CHECK(pattern.judge_content("{\"status\":\n\"fine\"}", false).result == ProbeResult::Passed);
  CHECK(pattern.judge_content("{}", false).result == ProbeResult::WrongContent);
  CHECK(fault_of_pattern("(").size() > 0);
  CHECK(fault_of_pattern("a+").empty());
}
