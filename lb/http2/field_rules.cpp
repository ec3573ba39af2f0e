#include "lb/http2/field_rules.hpp"

#include "lb/http/characters.hpp"

#include <algorithm>

namespace lb::http2 {

bool is_well_formed(std::string_view name, std::string_view value) {
  const auto is_name = [](char octet) {
    return http::is(octet, http::kToken) && (octet < 'A' || octet > 'Z');
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name) &&
         http::all_are(value, http::kFieldValue) && http::trim(value).size() == value.size();
}

bool is_of_connection(http::FieldId id, std::string_view value) {
  using http::FieldId;
  switch (id) {
    case FieldId::Connection:
    case FieldId::KeepAlive:
    case FieldId::ProxyConnection:
    case FieldId::TransferEncoding:
    case FieldId::Upgrade:
    case FieldId::Http2Settings:
      return true;
    case FieldId::Te:
      return value != "trailers";
    default:
      return false;
  }
}

bool append_trailer(std::string& section, std::string_view name, std::string_view value) {
  if (!is_well_formed(name, value) || is_of_connection(http::identify(name), value)) return false;
  section.append(name).append(": ").append(value).append("\r\n");
  return true;
}

}  // namespace lb::http2
