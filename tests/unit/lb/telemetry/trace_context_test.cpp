#include "lb/telemetry/trace_context.hpp"

#include "lb/telemetry/span.hpp"
#include "lb/telemetry/span_exporter.hpp"
#include "tests/support/catch.hpp"

#include <vector>

namespace lb::telemetry {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kWhole = "00-" + kTrace + "-" + kParent + "-01";

std::string joined(std::vector<std::string_view> values) {
  std::string memory;
  return std::string{join_tracestate(values, memory)};
}

}  // namespace

TEST_CASE("A traceparent is read as it is written", "[lb][telemetry][w3c-trace-context]") {
  const auto context = parse_traceparent(kWhole);
  REQUIRE(context);
  CHECK(context->trace() == kTrace);
  CHECK(context->parent() == kParent);
  CHECK(context->sampled());
  const auto text = format_traceparent(*context);
  CHECK(std::string{text.data(), text.size()} == kWhole);
}

TEST_CASE("What a traceparent says beyond version 00 is passed over",
          "[lb][telemetry][w3c-trace-context]") {
  const auto later =
      parse_traceparent("cc-" + kTrace + "-" + kParent + "-01-what-the-future-knows");
  REQUIRE(later);
  const auto text = format_traceparent(*later);
  CHECK(std::string{text.data(), text.size()} == kWhole);
  CHECK(parse_traceparent("cc-" + kTrace + "-" + kParent + "-01"));
  const auto flags = parse_traceparent("00-" + kTrace + "-" + kParent + "-fe");
  REQUIRE(flags);
  CHECK(flags->flags == TraceContext::kRandom);
}

TEST_CASE("A malformed traceparent is none", "[lb][telemetry][w3c-trace-context]") {
  const std::string zeros(32, '0');
  const auto value = GENERATE_COPY(
      std::string{}, std::string{"00"}, kWhole + "-", kWhole + "x", kWhole.substr(0, 54),
      "ff-" + kTrace + "-" + kParent + "-01", "0x-" + kTrace + "-" + kParent + "-01",
      "00-" + zeros + "-" + kParent + "-01", "00-" + kTrace + "-" + zeros.substr(16) + "-01",
      "00-" + kTrace.substr(0, 31) + "G-" + kParent + "-01",
      "00-" + kTrace.substr(0, 31) + "A-" + kParent + "-01", "00_" + kTrace + "-" + kParent + "-01",
      "00-" + kTrace + "_" + kParent + "-01", "00-" + kTrace + "-" + kParent + "_01",
      "00-" + kTrace + "-" + kParent + "-0x", "cc-" + kTrace + "-" + kParent + "-01.x",
      kWhole + "," + kWhole);
  INFO(value);
  CHECK_FALSE(parse_traceparent(value));
}

TEST_CASE("A tracestate passes as it came, several become one",
          "[lb][telemetry][w3c-trace-context]") {
  CHECK(joined({}) == "");
  CHECK(joined({"a=1,b=2"}) == "a=1,b=2");
  CHECK(joined({"a=1 , ,b=2"}) == "a=1 , ,b=2");
  CHECK(joined({"a=1", "b=2, c=3"}) == "a=1,b=2,c=3");
  CHECK(joined({"tenant@system=x y", "1st=!"}) == "tenant@system=x y,1st=!");
}

TEST_CASE("A malformed tracestate is dropped as a whole", "[lb][telemetry][w3c-trace-context]") {
  const auto value = GENERATE(as<std::string>{}, "a", "=1", "a=", "A=1", "a=1,a=2", "a b=1",
                              "a=1=2", "a=\x01", "@a=1", "a@=1", "a@b@c=1", "a=1;b=2,\xC3\xA4=1");
  INFO(value);
  CHECK(joined({value}) == "");
  CHECK(joined({"ok=1", value}) == "");
  std::string many;
  for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "=1,";
  CHECK(joined({many}) == "");
}

TEST_CASE("A tracestate too long loses its large members first, then its last",
          "[lb][telemetry][w3c-trace-context]") {
  const std::string large = "large=" + std::string(200, 'x');
  std::string small;
  for (int i = 0; i < 8; ++i)
    small += (i > 0 ? "," : "") + ("k" + std::to_string(i)) + "=" + std::string(50, 'y');
  CHECK(joined({large + "," + small}) == small);
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += (i > 0 ? "," : "") + ("key" + std::to_string(i)) + "=" + std::string(30, 'z');
  const auto cut = joined({many});
  CHECK(cut.size() <= kLongestTracestate);
  CHECK(many.starts_with(cut));
  CHECK(many[cut.size()] == ',');
}

TEST_CASE("A collector's URL says host, port and path", "[lb][telemetry]") {
  CHECK(CollectorUrl::parse("http://127.0.0.1:4318/v1/traces") ==
        CollectorUrl{"127.0.0.1", "4318", "/v1/traces"});
  CHECK(CollectorUrl::parse("http://[::1]:1/x") == CollectorUrl{"::1", "1", "/x"});
  CHECK(CollectorUrl::parse("http://otel") == CollectorUrl{"otel", "4318", "/v1/traces"});
  const auto bad =
      GENERATE(as<std::string>{}, "https://a/", "127.0.0.1:4318", "http://", "http://:1/",
               "http://a:/", "http://a:b/", "http://[::1", "http://a b/", "http://a/\r\n");
  CHECK_FALSE(CollectorUrl::parse(bad));
}

TEST_CASE("Spans are told as OTLP has them in JSON", "[lb][telemetry]") {
  Span span;
  span.context = *parse_traceparent(kWhole);
  span.begin = common::WallTime{std::chrono::microseconds{1'700'000'000'000'001}};
  span.end = span.begin + std::chrono::microseconds{1500};
  span.method = "GET";
  span.route = "api\"";
  span.status = 503;
  std::string text;
  append_otlp(text, std::vector{span, span}, "front");
  const auto has = [&text](std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(has(R"({"key":"service.name","value":{"stringValue":"front"}})"));
  CHECK(has(R"("traceId":")" + kTrace + R"(","spanId":")" + kParent + '"'));
  CHECK_FALSE(has("parentSpanId"));
  CHECK(has(R"("name":"GET api\"","kind":2)"));
  CHECK(
      has(R"("startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000001501000")"));
  CHECK(has(R"({"key":"http.response.status_code","value":{"intValue":"503"}})"));
  CHECK(has(R"("status":{"code":2}})"));
}

}  // namespace lb::telemetry
