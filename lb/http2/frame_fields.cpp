#include "lb/http2/frame_fields.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/trailers.hpp"

namespace lb::http2 {

namespace {

std::uint8_t* octets_of(std::string_view text) {  // nghttp2 does not write there
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

void FrameFields::add(std::string_view name, std::string_view value) {
  fields_.push_back({.name = octets_of(name),
                     .value = octets_of(value),
                     .namelen = name.size(),
                     .valuelen = value.size(),
                     .flags = NGHTTP2_NV_FLAG_NONE});
}

void FrameFields::take_answer(const http::ResponseHead& head, unsigned status) {
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

void FrameFields::take_request(const http1::ParsedRequest& request, std::string_view text,
                               std::string_view scheme, bool tunnel) {
  fields_.clear();
  const auto& head = request.head;
  const auto target = text.find(' ') + 1;
  add(":method", tunnel ? std::string_view{"CONNECT"} : head.method_name);
  if (tunnel) add(":protocol", "websocket");
  add(":scheme", scheme);
  add(":authority", head.authority);
  add(":path", text.substr(target, text.find(' ', target) - target));
  for (const auto& field : head.fields) {
    if (field.id == http::FieldId::Host) continue;
    if (field.connection_specific && field.id != http::FieldId::Trailer) continue;
    if (tunnel && http::equals_lower(field.name, "sec-websocket-key")) continue;
    add(field.name, field.value);
  }
  // Of this field alone HTTP/2 keeps a part: gRPC asks for it.
  if (http::accepts_trailers(head.fields)) add("te", "trailers");
}

void FrameFields::take_trailers(std::string_view section) {
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
