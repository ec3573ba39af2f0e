#include "tests/unit/lb/import/support.hpp"

namespace lb::import {
namespace {

TEST_CASE("Words, quotations and blocks are nginx's", "[lb][import]") {
  const SyntaxLimits limits;
  std::size_t budget = limits.directives;
  const auto parsed = parse_nginx(
      "a 'x y' \"\\\"q\" ${v}z \\d+ x#y; # comment { ;\n"
      "b {\n c; d 1 { }\n}\ncontent_by_lua_block { if x then { y } end }\n",
      "f", limits, budget);
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->size() == 3);
  CHECK(parsed->front().arguments ==
        std::vector<std::string>{"x y", "\"q", "${v}z", "\\d+", "x#y"});
  CHECK(parsed->at(1).block.at(1).line == 3);
  CHECK(parsed->at(1).block.at(1).where() == "f:3: d 1");
  CHECK(budget == limits.directives - 5);
}

TEST_CASE("What nginx would not read is refused with its place", "[lb][import]") {
  struct Case {
    const char* text;
    const char* error;
  };
  for (const auto& c : std::vector<Case>{{"a", "f:1: the last directive has no end"},
                                         {"a {\n", "f:2: a block is not closed"},
                                         {"}", "f:1: a } too many"},
                                         {"a {\nb }", "f:2: ; is missing before }"},
                                         {"a 'x\n;", "f:2: a quotation is not closed"},
                                         {";", "f:1: a directive has no name"},
                                         {"x_by_lua_block { {", "f:1: a block is not closed"}}) {
    CAPTURE(c.text);
    const SyntaxLimits limits;
    std::size_t budget = limits.directives;
    CHECK(parse_nginx(c.text, "f", limits, budget).error() == c.error);
  }
}

TEST_CASE("A configuration that would take all memory or stack is refused", "[lb][import]") {
  const SyntaxLimits limits;
  const auto refused = [&limits](const std::string& text) {
    std::size_t budget = limits.directives;
    return !parse_nginx(text, "f", limits, budget).has_value();
  };
  std::string deep;
  std::string many;
  for (int i = 0; i < 100'000; ++i) deep += "a {";
  for (int i = 0; i < 30'000; ++i) many += "a;";
  CHECK(refused(deep));
  CHECK(refused(many));
  CHECK(refused("a " + std::string(limits.word + 1, 'x') + ";"));
  CHECK(refused(std::string(limits.file + 1, ' ')));
  const auto loop = in_memory({{"/a", "include /a;"}});
  CHECK(has(load_nginx("/a", loop).error(), "files stand too deep"));
  Texts wide;
  for (int i = 0; i < 300; ++i) wide["/d/" + std::to_string(i)] = "a;";
  wide["/a"] = "include /d/*;";
  CHECK(has(load_nginx("/a", in_memory(wide)).error(), "too many files"));
  CHECK(has(load_nginx("/none", loop).error(), "cannot be read"));
}

TEST_CASE("Upstreams keep weights, limits, backups and their policy", "[lb][import]") {
  struct Case {
    const char* upstream;
    const char* yaml;
  };
  for (const auto& c : std::vector<Case>{
           {"server 10.0.0.2:80 weight=5 max_conns=100; server 10.0.0.3;",
            "{address: \"10.0.0.3:80\", weight: 1}"},
           {"server 10.0.0.2:80 weight=5 max_conns=100;",
            "{address: \"10.0.0.2:80\", max_connections: 100, weight: 5}"},
           {"server 10.0.0.2:80; server app.internal:81 backup;",
            "{dns: \"app.internal:81\", backup: true}"},
           {"server [::1]:80;", "{address: \"[::1]:80\"}"},
           {"least_conn; server 10.0.0.2:80;", "balance: {policy: least_requests}"},
           {"ip_hash; server 10.0.0.2:80;", "balance: {policy: client_hash}"},
           {"hash $request_uri consistent; server 10.0.0.2:80;",
            "balance: {policy: hash, hash: {path: true}}"},
           {"hash $http_x_user; server 10.0.0.2:80;",
            "balance: {policy: hash, hash: {field: \"x-user\"}}"},
           {"hash $cookie_sid; server 10.0.0.2:80;",
            "balance: {policy: hash, hash: {cookie: \"sid\"}}"},
           {"random two least_conn; server 10.0.0.2:80;", "balance: {policy: two_choices}"},
           {"sticky cookie srv expires=1h; server 10.0.0.2:80;",
            "balance: {sticky: {cookie: srv}}"},
           {"server 10.0.0.2:80 max_fails=4 fail_timeout=1m;",
            "passive: {consecutive_failures: 4, ejection: 1m}"},
           {"server 10.0.0.2:80 max_fails=0;", "passive: {enabled: false}"},
           {"server 10.0.0.2:80; keepalive 16; keepalive_timeout 20s;", "idle_connections: 16"},
           {"server 10.0.0.2:80; keepalive_timeout 20s;", "timeouts: {idle: 20s}"},
           {"server 10.0.0.2:80; queue 50 timeout=10s;", "queue: {length: 50, timeout: 10s}"},
       }) {
    const auto out = with_location("location /u { proxy_pass http://app; }",
                                   "upstream app { " + std::string{c.upstream} + " }");
    CHECK(has(out.yaml, c.yaml));
  }
  const auto out = with_location("location /u { proxy_pass http://app; }",
                                 "upstream app { server unix:/run/a.sock; server 10.0.0.9:80 down; "
                                 "server 10.0.0.2:80; hash $msec; queue 5; queue 6; }");
  CHECK(has(out.report, "server unix:/run/a.sock: left out: lbd connects to addresses"));
  CHECK(has(out.report, "server 10.0.0.9:80 down: left out: it is down"));
  CHECK(has(out.report, "hash $msec: left out: lbd hashes"));
  CHECK(has(out.report, "queue 6: left out: it stands twice"));
}

TEST_CASE("Locations become routes that do the same", "[lb][import]") {
  struct Case {
    const char* location;
    const char* yaml;
  };
  for (const auto& c : std::vector<Case>{
           {"location = /x { proxy_pass http://10.0.0.2:80; }", "path: {exact: \"/x\"}"},
           {"location ^~ /x/ { proxy_pass http://10.0.0.2:80; }", "path: \"/x/\""},
           {"location ~ ^/v[0-9]+/ { proxy_pass http://10.0.0.2:80; }",
            "path: {regex: \"^/v[0-9]+/\"}"},
           {"location ~* \\.jpg$ { proxy_pass http://10.0.0.2:80; }",
            "path: {regex: \"(?i)\\\\.jpg$\"}"},
           {"location /api/ { proxy_pass http://10.0.0.2:80/v1/; }",
            "rewrite: {prefix: \"/api\", to: \"/v1/\"}"},
           {"location = /api { proxy_pass http://10.0.0.2:80/v1; }", "rewrite: {path: \"/v1\"}"},
           {"location /a { proxy_pass http://b.internal; proxy_set_header X 1; }",
            "rewrite: {host: \"b.internal\"}"},
           {"location /a { proxy_pass http://10.0.0.2:80; proxy_connect_timeout 3s; "
            "proxy_read_timeout 1h; }",
            "timeouts: {connect: 3s}"},
           {"location /a { proxy_pass http://10.0.0.2:80; proxy_read_timeout 1h; }",
            "upstream: \"10.0.0.2:80\"\n"
            "    timeouts: {first_byte: 1h, between_bytes: 1h, tunnel: 1h}"},
           {"client_max_body_size 2m; location /a { proxy_pass http://10.0.0.2:80; "
            "client_max_body_size 1g; client_body_timeout 5m; }",
            "limits: {body: 1GiB}\n    timeouts: {body: 5m}"},
           {"client_max_body_size 0; location /a { proxy_pass http://10.0.0.2:80; }",
            "limits: {body: 1024GiB}"},
           {"location /a { return 301 https://$host$request_uri; }",
            "redirect: {status: 301, scheme: https}"},
           {"location /a { return 302 https://www.b.kr:8443$request_uri; }",
            "redirect: {status: 302, scheme: https, host: \"www.b.kr\", port: 8443}"},
           {"location /a { return 301 /b; }", "redirect: {status: 301, path: \"/b\", query: drop}"},
           {"location /a { return https://b.kr/; }",
            "redirect: {status: 302, scheme: https, host: \"b.kr\", path: \"/\", query: drop}"},
           {"location /a { return 200 'ok'; add_header Content-Type text/html; }",
            "answer: {status: 200, content_type: \"text/html\", body: \"ok\"}"},
           {"location /a { return 204; }", "answer: {status: 204}"},
           {"location /a { return 444; }", "answer: {status: 403}"},
           {"location /a { root /var/www; }", "answer: {status: 404}"},
           {"location /a { rewrite ^/a/(.*)$ /b/$1 permanent; return 404; }",
            "redirect: {status: 301, regex: \"^/a/(.*)$\", to: \"/b/\\\\1\"}"},
           {"location /a { rewrite ^/a/(\\d+) /b/$1 break; proxy_pass http://10.0.0.1:80; }",
            "rewrite: {regex: \"^/a/(\\\\d+).*$\", to: \"/b/\\\\1\"}"},
           {"location /a { proxy_pass http://10.0.0.1:80; proxy_set_header X-R \"$remote_addr\"; "
            "proxy_set_header Host a; }",
            "request_fields: {set: {\"X-R\": \"${client}\"}}"},
           {"location /a { proxy_pass http://10.0.0.1:80; proxy_set_header X-Real-IP $remote_addr; "
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }",
            "request_fields: {set: {\"X-Real-IP\": \"${client}\"}}"},
           {"location /a { proxy_pass http://10.0.0.1:80; proxy_set_header Accept-Encoding ''; }",
            "request_fields: {remove: [\"Accept-Encoding\"]}"},
           {"location /a { proxy_pass http://10.0.0.1:80; add_header X-A 1; add_header X-A 2; }",
            "- {response_fields: {add: {\"X-A\": \"2\"}}}"},
           {"location /a { proxy_pass http://10.0.0.1:80; auth_basic off; allow 10.0.0.0/8; "
            "deny all; }",
            "addresses: {allow: [\"10.0.0.0/8\"]}"},
           {"location /a { proxy_pass http://10.0.0.1:80; deny 10.1.0.0/16; allow 10.0.0.0/8; }",
            "addresses: {allow: [\"10.0.0.0/8\", \"0.0.0.0/0\", \"::/0\"], deny: "
            "[\"10.1.0.0/16\"]}"},
           {"location /a { location /a/b { proxy_pass http://10.0.0.1:80; } }", "path: \"/a/b\""},
       }) {
    CAPTURE(c.location);
    CHECK(has(with_location(c.location).yaml, c.yaml));
  }
}

TEST_CASE("What keeps strangers out never becomes an open door", "[lb][import]") {
  const auto closed = "addresses: {deny: [0.0.0.0/0, \"::/0\"]}";
  const std::string location =
      "location /a { auth_basic x; auth_basic_user_file /p; "
      "proxy_pass http://10.0.0.1:80; }";
  const auto server =
      "server { listen 80; location / { proxy_pass http://10.0.0.1:80; } " + location + " }";
  CHECK(has(imported(server).yaml, closed));
  CHECK(has(imported(server, {{"/p", "bob:$apr1$x$y\n"}}).yaml, closed));
  CHECK(has(imported(server, {{"/p", "\n"}}).yaml, closed));
  CHECK(has(imported(server, {{"/p", "bob:$2y$05$abc\n"}}).yaml,
            "basic_auth: {realm: \"x\", users_file: \"/p\"}"));
  CHECK(
      has(with_location("location /a { deny all; proxy_pass http://10.0.0.1:80; }").yaml, closed));
  CHECK(has(with_location("location /a { deny nonsense; proxy_pass http://10.0.0.1:80; }").yaml,
            closed));
  CHECK(has(with_location("location /a { auth_request /b; proxy_pass http://10.0.0.1:80; }").yaml,
            closed));
  CHECK(has(with_location("location /a { internal; proxy_pass http://10.0.0.1:80; }").yaml,
            "- path: \"/a\"\n    filters:\n      - {answer: {status: 404}}"));
  // Its certificates are lost, and with them the question for those of clients.
  CHECK(has(imported("server { listen 443 ssl; ssl_verify_client on; ssl_certificate /x; "
                     "location / { proxy_pass http://10.0.0.1:80; } }")
                .yaml,
            closed));
}

TEST_CASE("Limits keep their rate and burst", "[lb][import]") {
  const auto zones =
      "limit_req_zone $binary_remote_addr zone=ip:1m rate=30r/m;\n"
      "limit_req_zone $server_name zone=all:1m rate=9r/s;\nlimit_conn_zone $remote_addr zone=c:1m;";
  const auto out = with_location(
      "location /a { limit_req zone=ip burst=5; limit_req zone=all; limit_conn c 7; "
      "proxy_pass http://10.0.0.1:80; }",
      zones);
  CHECK(has(out.yaml, "rate_limit: {name: \"ip\", requests: 30, per: 1m, burst: 6, key: address}"));
  CHECK(has(out.yaml, "concurrency_limit: {name: \"c\", requests: 7, key: address, status: 503}"));
  CHECK(has(out.report, "limit_req zone=all: left out"));
}

TEST_CASE("Servers become hosts and listeners; the default one is for any host", "[lb][import]") {
  const auto out = imported(R"(http {
    server { listen 80; server_name a.kr; location / { proxy_pass http://10.0.0.1:80; } }
    server { listen 127.0.0.1:8080 backlog=99; listen [::]:80; server_name b.kr .c.kr ~^d;
             location / { proxy_pass http://10.0.0.2:80; } }
    server { listen 80; server_name e.kr; return 301 https://$host$request_uri; }
    server { listen 443 ssl http2; server_name e.kr; ssl_certificate x;
             location / { proxy_pass http://10.0.0.3:80; } } })");
  for (const char* part :
       {"{address: \"0.0.0.0:80\"}", "{address: \"127.0.0.1:8080\", backlog: 99}",
        "{address: \"[::]:80\"}", "host: \"b.kr\"", "host: \"c.kr\"", "host: \"*.c.kr\"",
        "host: \"e.kr\"\n    upstream: \"10.0.0.3:80\""})
    CHECK(has(out.yaml, part));
  CHECK_FALSE(has(out.yaml, "host: \"a.kr\""));
  CHECK(has(out.report, "server_name b.kr .c.kr ~^d: left out: of it what is no exact name"));
  CHECK(has(out.report, "listen 443 ssl http2: left out: without its certificates"));
  CHECK(has(out.yaml, "#   /etc/nginx/nginx.conf:6: listen 443 ssl http2: left out"));
}

TEST_CASE("What a server has no location for does not go to the default one", "[lb][import]") {
  const auto out = imported(R"(http {
    server { listen 80; location / { proxy_pass http://10.0.0.1; } }
    server { listen 80; server_name b.kr; location /b { proxy_pass http://10.0.0.2; } } })");
  CHECK(has(out.yaml,
            "  - path: \"/\"\n    host: \"b.kr\"\n    filters:\n      - {answer: {status: 404}}"));
}

TEST_CASE("What is a file or else the application goes to the application", "[lb][import]") {
  const auto out = imported(R"(http { upstream app { server 10.0.0.1:80; }
    server { listen 80; root /var/www; try_files $uri @app;
      location /a { try_files $uri $uri/ @app; }
      location @app { proxy_pass http://app; proxy_set_header Host $host; } } })");
  CHECK(has(out.yaml, "- path: \"/a\"\n    upstream: \"app\"\n"));
  CHECK(has(out.yaml, "- path: \"/\"\n    upstream: \"app\"\n"));
  CHECK(has(out.report, "try_files $uri @app: became straight @app"));
  CHECK(has(out.report, "location @app: became what `try_files` leads to"));
}

TEST_CASE("Where nothing ends TLS, what leads to https stays", "[lb][import]") {
  const auto out = imported(R"(http {
    server { listen 80; server_name a.kr; location / { proxy_pass http://10.0.0.1:80; } }
    server { listen 80; server_name e.kr; return 301 https://$host$request_uri; }
    server { listen 80; if ($host = f.kr) { return 301 https://$host$request_uri; }
             server_name f.kr; return 404; } })");
  CHECK(has(out.yaml,
            "host: \"e.kr\"\n    filters:\n      - {redirect: {status: 301, scheme: https}}"));
  CHECK(has(out.yaml,
            "host: \"f.kr\"\n    filters:\n      - {redirect: {status: 301, scheme: https}}"));
}

TEST_CASE("Every directive is told of", "[lb][import]") {
  const std::string text =
      "user www;\nevents { worker_connections 9; }\nhttp {\n include mime.types;\n include "
      "d/*;\n}\n";
  const std::string site =
      "server {\n listen 80;\n proxy_cache x;\n"
      " location / {\n proxy_pass http://10.0.0.1;\n proxy_buffering off;\n }\n}\n";
  const auto out = imported(text, {{"/etc/nginx/d/a", site}});
  for (const char* line :
       {"/etc/nginx/nginx.conf:1: user www: not needed",
        "/etc/nginx/nginx.conf:2: events: not needed", "/etc/nginx/d/a:1: server: became routes",
        "/etc/nginx/d/a:2: listen 80: became a listener",
        "/etc/nginx/d/a:3: proxy_cache x: left out", "/etc/nginx/d/a:4: location /: became a route",
        "/etc/nginx/d/a:5: proxy_pass http://10.0.0.1: became the route's upstream 10.0.0.1",
        "/etc/nginx/d/a:6: proxy_buffering off: not needed"})
    CHECK(has(out.report, line));
  CHECK_FALSE(
      import_nginx("/a", in_memory({{"/a", "http { server { listen 80; } }"}})).has_value());
}

}  // namespace
}  // namespace lb::import
