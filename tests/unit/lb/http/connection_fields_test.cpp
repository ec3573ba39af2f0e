#include "lb/http/connection_fields.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>

using namespace lb::http;

namespace {

Fields fields_of(std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.push_back({name, value, identify(name)});
  return fields;
}

bool passes(const Fields& fields, std::string_view name) {
  for (const auto& field : fields)
    if (field.name == name) return !field.connection_specific;
  return false;
}

}  // namespace

TEST_CASE("Fields of one hop are not passed on", "[lb][http][rfc9110-7.6.1]") {
  auto fields = fields_of({{"Connection", "X-Mine, close"},
                           {"x-mine", "1"},
                           {"Keep-Alive", "5"},
                           {"Proxy-Connection", "x"},
                           {"TE", "trailers"},
                           {"Trailer", "x"},
                           {"Transfer-Encoding", "chunked"},
                           {"Proxy", "http://evil"},
                           {"X-Other", "2"}});
  CHECK(mark_connection_specific(fields).close);
  for (const auto& field : fields) {
    CAPTURE(field.name);
    CHECK(field.connection_specific == (field.name != "X-Other"));
  }
}

TEST_CASE("Security 14: Connection cannot strip what endpoints rely on", "[lb][http]") {
  auto fields = fields_of({{"Connection",
                            "Host, Authorization, Cookie, Content-Length, X-Forwarded-For, "
                            "X-Forwarded-Proto, X-Request-ID, Idempotency-Key"},
                           {"Host", "a"},
                           {"Authorization", "b"},
                           {"Cookie", "c"},
                           {"Content-Length", "1"},
                           {"X-Forwarded-For", "1.2.3.4"},
                           {"Idempotency-Key", "k"}});
  mark_connection_specific(fields);
  for (std::size_t i = 1; i < fields.size(); ++i) {
    CAPTURE(fields[i].name);
    CHECK(passes(fields, fields[i].name));
  }
}

TEST_CASE("Security 15: other spellings of trusted names are dropped", "[lb][http]") {
  auto fields = fields_of({{"X_Forwarded_For", "1"},
                           {"x-forwarded_proto", "https"},
                           {"Content_Length", "5"},
                           {"my_field", "stays"}});
  mark_connection_specific(fields);
  CHECK_FALSE(passes(fields, "X_Forwarded_For"));
  CHECK_FALSE(passes(fields, "x-forwarded_proto"));
  CHECK_FALSE(passes(fields, "Content_Length"));
  CHECK(passes(fields, "my_field"));
}

TEST_CASE("Security 15: what only a proxy may say is known in every spelling", "[lb][http]") {
  for (const std::string_view name : {"X-Real-IP",
                                      "true-client-ip",
                                      "CF-Connecting-IP",
                                      "X-Client-IP",
                                      "X-Cluster-Client-IP",
                                      "X-Original-URL",
                                      "X-Rewrite-URL",
                                      "Client-Cert",
                                      "Client-Cert-Chain",
                                      "X-Forwarded",
                                      "X-Forwarded-Prefix",
                                      "x-forwarded-ssl",
                                      "X-FORWARDED-SERVER",
                                      "X-Forwarded-Client-Cert",
                                      "X-Forwarded-Tls-Client-Cert-Info",
                                      "X-Client-Cert-Verify",
                                      "SSL-Client-Verify",
                                      "X-Ssl-Cert",
                                      "X-Envoy-External-Address",
                                      "WL-Proxy-Client-IP",
                                      "Proxy-Client-IP",
                                      "Front-End-Https",
                                      "X-Script-Name",
                                      "X-Sendfile-Type"}) {
    CAPTURE(name);
    CHECK(identify(name) == FieldId::Claim);
    for (const char octet : {'_', '.', '!', '~'}) {
      std::string alias{name};
      std::replace(alias.begin(), alias.end(), '-', octet);
      CHECK(identify(alias) == FieldId::Disguised);
      alias = name;
      alias[alias.find('-')] = octet;
      CHECK(identify(alias) == FieldId::Disguised);
      CHECK(read_alike(alias, name));
    }
  }
  for (const std::string_view name :
       {"X-Forwarded-Prefix", "X.Forwarded.For", "X-Request.ID", "Content.Length"})
    CHECK(identify(name) != FieldId::Other);
  for (const std::string_view name : {"X-Forward", "X-Forwards-For", "X-Clients", "X-Real-IPs",
                                      "X-HTTP-Method-Override", "X-Original-Filename", "X", "x",
                                      "S", "Client-Hints", "X.Y", "Remote-User", "XForwardedFor"})
    CHECK(identify(name) == FieldId::Other);
}

TEST_CASE("Security 15: what we say of a client's certificate nobody else says", "[lb][http]") {
  for (const std::string_view name : {"X-Client-Cert-Subject", "x-client-cert-fingerprint"}) {
    CAPTURE(name);
    CHECK(is_written_for_endpoints(identify(name)));
    std::string alias{name};
    std::replace(alias.begin(), alias.end(), '-', '_');
    CHECK(identify(alias) == FieldId::Disguised);
  }
}

TEST_CASE("Security 15: claims are forgotten, all else stays in its order", "[lb][http]") {
  auto fields = fields_of({{"A", "1"},
                           {"X-Real-IP", "6.6.6.6"},
                           {"Accept", "x"},
                           {"X-Forwarded-Prefix", "/evil"},
                           {"X-Forwarded-For", "6.6.6.6"},
                           {"Forwarded", "for=6.6.6.6"},
                           {"X-Client-Cert-Subject", "CN=root"},
                           {"X-Request-ID", "1"},
                           {"B", "2"}});
  drop_claims(fields);
  std::string left;
  for (const auto& field : fields) left.append(field.name).append(" ");
  CHECK(left == "A Accept X-Request-ID B ");
}

TEST_CASE("Security 17: nothing that asks for HTTP/2 is passed on", "[lb][http]") {
  auto fields = fields_of(
      {{"Connection", "Upgrade, HTTP2-Settings"}, {"Upgrade", "h2c"}, {"HTTP2-Settings", "AAM"}});
  mark_connection_specific(fields);
  for (const auto& field : fields) CHECK(field.connection_specific);
}

TEST_CASE("Known names are found in any case", "[lb][http]") {
  CHECK(identify("CONTENT-length") == FieldId::ContentLength);
  CHECK(identify("x-request-id") == FieldId::XRequestId);
  CHECK(identify("Idempotency-Key") == FieldId::IdempotencyKey);
  CHECK(identify("Transfer-Encodings") == FieldId::Other);
  CHECK(identify(std::string(70'000, 'h')) == FieldId::Other);
}
