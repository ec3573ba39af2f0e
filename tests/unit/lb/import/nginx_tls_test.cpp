#include "tests/unit/lb/import/support.hpp"

namespace lb::import {
namespace {

const Texts kPem{{"/etc/nginx/a.pem", "-----BEGIN CERTIFICATE-----"},
                 {"/etc/nginx/a.key", "-----BEGIN PRIVATE KEY-----"},
                 {"/b.pem", "-----BEGIN CERTIFICATE-----"},
                 {"/b.key", "-----BEGIN EC PRIVATE KEY-----"},
                 {"/ca.pem", "-----BEGIN CERTIFICATE-----"}};

TEST_CASE("Servers with TLS become a listener with the certificates of all", "[lb][import]") {
  const auto out = imported(R"(http { ssl_certificate a.pem; ssl_certificate_key a.key;
    ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_ciphers HIGH;
    server { listen 80 default_server; server_name _; return 301 https://$host$request_uri; }
    server { listen 443 ssl; server_name a.kr .c.kr; location / { proxy_pass http://10.0.0.1; } }
    server { listen 443 ssl default_server; server_name b.kr; ssl_verify_client on;
             ssl_client_certificate /ca.pem; ssl_certificate /b.pem; ssl_certificate_key /b.key;
             location / { proxy_pass http://10.0.0.2; } }
    server { listen 8443 ssl; listen 8080; server_name d.kr;
             location / { proxy_pass http://10.0.0.3; } } })",
                            kPem);
  CHECK(has(out.yaml,
            "  - {address: \"0.0.0.0:443\", tls: {certificates: [\n"
            "      {certificate_file: \"/b.pem\", key_file: \"/b.key\", names: [\"b.kr\"], "
            "client_certificates: {mode: required, ca_file: \"/ca.pem\"}},\n"
            "      {certificate_file: \"/etc/nginx/a.pem\", key_file: \"/etc/nginx/a.key\", "
            "names: [\"a.kr\", \"c.kr\", \"*.c.kr\"]}], profile: modern, tickets: false}}\n"));
  // In the clear nobody sees what only TLS was to show; who leads there need not be asked.
  const std::string leads = "filters:\n      - {redirect: {status: 308, scheme: https}}\n";
  CHECK(has(out.yaml, "host: \"a.kr\"\n    upstream: \"10.0.0.1\"\n    " + leads));
  CHECK(has(out.yaml, "host: \"b.kr\"\n    upstream: \"10.0.0.2\"\n    " + leads));
  CHECK_FALSE(has(out.yaml, "host: \"d.kr\"\n    upstream: \"10.0.0.3\"\n    " + leads));
  CHECK(has(out.report, "server: not needed: routes of TLS alone lead to https"));
  CHECK(has(out.report, "ssl_ciphers HIGH: not needed"));
}

TEST_CASE("Who shows no certificate comes to no listener's guarded names", "[lb][import]") {
  const auto out = imported(R"(http { ssl_certificate a.pem; ssl_certificate_key a.key;
    server { listen 443 ssl; server_name a.kr; location /a { proxy_pass http://10.0.0.1; } }
    server { listen 8443 ssl default_server; server_name b.kr; ssl_verify_client on;
             ssl_client_certificate /ca.pem; location / { proxy_pass http://10.0.0.2; } } })",
                            kPem);
  const std::string guarded =
      "names: [\"b.kr\"], client_certificates: {mode: required, ca_file: \"/ca.pem\"}}";
  const auto first = out.yaml.find(guarded);
  REQUIRE(first != std::string::npos);
  CHECK(out.yaml.find(guarded, first + 1) != std::string::npos);
  // Nor by a name of another that leads to the default server.
  CHECK(has(out.yaml, "host: \"b.kr\"\n    upstream: \"10.0.0.2\""));
}

TEST_CASE("Any host is for who serves it behind TLS, when it is only led there", "[lb][import]") {
  const auto out = imported(R"(http { ssl_certificate a.pem; ssl_certificate_key a.key;
    server { listen 80; return 301 https://$host$request_uri; }
    server { listen 80; server_name b.kr; location / { proxy_pass http://10.0.0.2; } }
    server { listen 443 ssl; server_name a.kr; location / { proxy_pass http://10.0.0.1; } } })",
                            kPem);
  CHECK(has(out.yaml,
            "  - path: \"/\"\n    upstream: \"10.0.0.1\"\n    filters:\n      - {redirect"));
  CHECK(has(out.yaml, "host: \"b.kr\"\n    upstream: \"10.0.0.2\""));
}

TEST_CASE("A port of TLS that is not the usual one is led to", "[lb][import]") {
  const auto out = imported(R"(http { ssl_certificate a.pem; ssl_certificate_key a.key;
    server { listen 80; server_name y.kr; location / { proxy_pass http://10.0.0.9; } }
    server { listen 80; server_name x.kr; return 301 https://$host$request_uri; }
    server { listen 8443 ssl; server_name a.kr; location / { proxy_pass http://10.0.0.1; } } })",
                            kPem);
  CHECK(has(out.yaml,
            "host: \"a.kr\"\n    upstream: \"10.0.0.1\"\n    filters:\n      - "
            "{redirect: {status: 308, scheme: https, port: 8443}}"));
  CHECK(has(out.yaml,
            "host: \"x.kr\"\n    filters:\n      - {redirect: {status: 301, scheme: "
            "https}}"));
}

TEST_CASE("Endpoints are asked by TLS and HTTP/2 as nginx asked them", "[lb][import]") {
  const auto yaml = with_location(R"(location /a { proxy_pass https://10.0.0.2; }
    location /b { proxy_pass http://10.0.0.2; }
    location /c { proxy_pass https://in.kr:8443; proxy_ssl_verify on;
                  proxy_ssl_trusted_certificate /ca.pem; }
    location /d { grpc_pass grpc://10.0.0.4:50051; }
    location /e { grpc_pass 10.0.0.5:50051; }
    location /f { proxy_pass https://10.0.0.6; proxy_ssl_verify on;
                  proxy_ssl_trusted_certificate /none.pem; })",
                                  "");
  CHECK(has(yaml.yaml, "{address: \"10.0.0.2:443\"}\n    tls: {verify: false}"));
  CHECK(has(yaml.yaml, "{address: \"10.0.0.2:80\"}\n    check"));
  CHECK(has(yaml.yaml, "{address: \"10.0.0.4:50051\"}\n    http2: {enabled: true}"));
  CHECK(has(yaml.yaml, "{address: \"10.0.0.5:50051\"}\n    http2: {enabled: true}"));
  CHECK_FALSE(has(yaml.yaml, "address: \"10.0.0.6"));
  const auto verified = imported(
      "server { listen 80; location / { proxy_pass https://in.kr:8443; proxy_ssl_verify on;"
      " proxy_ssl_trusted_certificate /ca.pem; } }",
      kPem);
  CHECK(has(verified.yaml, "tls: {ca_file: \"/ca.pem\", server_name: \"in.kr\"}"));
}

}  // namespace
}  // namespace lb::import
