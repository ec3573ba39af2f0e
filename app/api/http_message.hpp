#pragma once

#include "common/address.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace booking::api {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request as the endpoints see it, whatever read it off the wire.
struct Request {
  std::string method;
  std::string path;   // without the query, not percent-decoded: no route has an escape in it
  std::string query;  // without the question mark
  Fields fields;
  std::string body;
  std::string id;         // X-Request-ID
  std::string parameter;  // what stood for `{…}` in the route's pattern
  common::IpAddress client;
  bool secure{false};  // the client came by https, so a trusted proxy says

  /// Value of the first field of that name, in any case; empty when absent.
  std::string_view field(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// The media type of Content-Type in lower case, without parameters.
  std::string media_type() const;
  /// Value of a cookie (RFC 6265 §4.2); empty when absent.
  std::string_view cookie(std::string_view name) const;
  /// Value of a parameter in the query, as it stands there; empty when absent.
  std::string_view query_value(std::string_view name) const;
};

struct Response {
  unsigned status{200};
  Fields fields;
  std::string body;

  Response& set(std::string_view name, std::string_view value) {
    fields.emplace_back(name, value);
    return *this;
  }
};

Response json_response(unsigned status, std::string body);
Response html_response(unsigned status, std::string page);
/// Whether an Accept-Encoding field allows the coding (RFC 9110 §12.5.3); a coding that is not
/// named is not.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);
Response redirect_after_post(std::string_view location);

bool iequals(std::string_view a, std::string_view b);
/// 1 to 128 of A-Z a-z 0-9 . _ -: what may be taken over from outside and logged.
bool is_request_id(std::string_view text);

}  // namespace booking::api
