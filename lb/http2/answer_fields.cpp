#include "lb/http2/answer_fields.hpp"

#include "lb/http/characters.hpp"

namespace lb::http2 {

namespace {

std::uint8_t* octets_of(std::string_view text) {  // nghttp2 does not write there
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

void AnswerFields::add(std::string_view name, std::string_view value) {
  fields_.push_back({.name = octets_of(name),
                     .value = octets_of(value),
                     .namelen = name.size(),
                     .valuelen = value.size(),
                     .flags = NGHTTP2_NV_FLAG_NONE});
}

void AnswerFields::take_head(const http::ResponseHead& head, unsigned status) {
  fields_.clear();
  status_ = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
             static_cast<char>('0' + status % 10)};
  add(":status", {status_.data(), status_.size()});
  const bool switched = head.status == 101;
  for (const auto& field : head.fields) {
    // A proxy's word that trailers follow concerns any version.
    if (field.connection_specific && field.id != http::FieldId::Trailer) continue;
    if (switched && http::equals_lower(field.name, "sec-websocket-accept")) continue;
    add(field.name, field.value);
  }
}

void AnswerFields::take_trailers(std::string_view section) {
  fields_.clear();
  while (!section.empty()) {
    const auto end = section.find("\r\n");
    const auto line = section.substr(0, end);
    const auto colon = line.find(':');
    if (colon != line.npos && colon > 0)
      add(line.substr(0, colon), http::trim(line.substr(colon + 1)));
    if (end == section.npos) break;
    section.remove_prefix(end + 2);
  }
}

}  // namespace lb::http2
