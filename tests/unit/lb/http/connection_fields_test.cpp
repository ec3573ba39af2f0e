#include "lb/http/connection_fields.hpp"

#include "tests/support/catch.hpp"

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
