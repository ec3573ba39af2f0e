#include "tests/unit/lb/import/support.hpp"

namespace lb::import {
namespace {

TEST_CASE("The query keeps one question mark", "[lb][import]") {
  struct Case {
    const char* value;
    const char* become;
  };
  for (const auto& c : std::vector<Case>{{"$request_uri", "\"${path}${query}\""},
                                         {"$uri?$args", "\"${path}${query}\""},
                                         {"$uri$is_args$query_string", "\"${path}${query}\""},
                                         {"$uri${is_args}${args}", "\"${path}${query}\""}}) {
    CAPTURE(c.value);
    const auto out =
        with_location("location /a { proxy_pass http://10.0.0.1:80; proxy_set_header X-U \"" +
                      std::string{c.value} + "\"; }");
    CHECK(has(out.yaml, "{\"X-U\": " + std::string{c.become} + '}'));
  }
  for (const char* value : {"$args", "q=$args", "$is_args", "$is_args$uri", "$is_argsx?"}) {
    CAPTURE(value);
    const auto out =
        with_location("location /a { proxy_pass http://10.0.0.1:80; proxy_set_header X-U \"" +
                      std::string{value} + "\"; }");
    CHECK_FALSE(has(out.yaml, "X-U\": "));
    CHECK(has(out.report, "proxy_set_header X-U " + std::string{value} + ": left out"));
  }
}

TEST_CASE("What lbd does otherwise is not said to be done", "[lb][import]") {
  struct Case {
    const char* directive;
    const char* note;
  };
  for (const auto& c : std::vector<Case>{
           {"merge_slashes on;", "not needed"},
           {"merge_slashes off;", "left out: lbd has one for all"},
           {"proxy_buffering on;", "left out: lbd passes content on"},
           {"proxy_buffering off;", "not needed"},
           {"proxy_request_buffering on;", "left out"},
           {"proxy_buffers 8 16k;", "left out"},
           {"proxy_ignore_client_abort on;", "left out: when a client has gone"},
           {"proxy_ignore_client_abort off;", "not needed"},
           {"proxy_buffer_size 8k;", "not needed"},
           {"proxy_buffer_size 64k;", "left out: lbd takes heads up to limits.head"},
           {"underscores_in_headers off;", "left out: such fields pass"},
           {"ignore_invalid_headers on;", "left out: lbd answers 400"},
           {"keepalive_requests 500;", "became limits.requests"},
           {"proxy_next_upstream error;", "not needed: lbd tries again"},
           {"proxy_next_upstream error timeout;", "left out: of timeout that of an answer"},
           {"proxy_next_upstream error http_503;", "left out: of it http_503"},
           {"proxy_next_upstream error non_idempotent;", "left out: of it non_idempotent"},
       }) {
    CAPTURE(c.directive);
    const auto text = std::string{c.directive};
    const auto out = with_location("location /a { proxy_pass http://10.0.0.1:80; " + text + " }");
    CHECK(has(out.report, text.substr(0, text.size() - 1) + ": " + c.note));
  }
  const auto out = imported(
      "worker_shutdown_timeout 90s; http { keepalive_requests 500; "
      "upstream app { server 10.0.0.1:80; keepalive_requests 7; } "
      "server { keepalive_requests 700; location / { proxy_pass http://app; } } }");
  CHECK(has(out.yaml, "\nlimits:\n  requests: 700\n"));
  CHECK(has(out.yaml, "\ndrain:\n  deadline: 90s\n"));
  CHECK(has(out.report, "keepalive_requests 7: left out"));
}

}  // namespace
}  // namespace lb::import
