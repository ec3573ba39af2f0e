#include "lb/http/connection_fields.hpp"

#include "lb/http/characters.hpp"

namespace lb::http {
namespace {

bool is_always_connection_specific(FieldId id) {
  switch (id) {
    case FieldId::Connection:
    case FieldId::Disguised:
    case FieldId::Http2Settings:
    case FieldId::KeepAlive:
    case FieldId::Proxy:  // never a request field, but CGI makes HTTP_PROXY of it (CVE-2016-5385)
    case FieldId::ProxyConnection:
    case FieldId::Te:
    case FieldId::Trailer:
    case FieldId::TransferEncoding:  // framing is written anew
    case FieldId::Upgrade:
      return true;
    default:
      return false;
  }
}

bool may_be_nominated(FieldId id) {
  return id == FieldId::Other || id == FieldId::Expect || id == FieldId::Accept;
}

void nominate(Fields& fields, std::string_view name) {
  for (auto& field : fields) {
    if (field.name.size() != name.size() || !may_be_nominated(field.id)) continue;
    bool same = true;
    for (std::size_t i = 0; same && i < name.size(); ++i)
      same = to_lower(field.name[i]) == to_lower(name[i]);
    if (same) field.connection_specific = true;
  }
}

}  // namespace

ConnectionOptions mark_connection_specific(Fields& fields) {
  ConnectionOptions options;
  for (auto& field : fields) {
    if (is_always_connection_specific(field.id)) field.connection_specific = true;
    if (field.id != FieldId::Connection) continue;
    for_each_member(field.value, [&](std::string_view member) {
      if (equals_lower(member, "close"))
        options.close = true;
      else if (equals_lower(member, "keep-alive"))
        options.keep_alive = true;
      else if (equals_lower(member, "upgrade"))
        options.upgrade = true;
      else
        nominate(fields, member);
    });
  }
  return options;
}

bool may_be_upgraded_to(std::string_view protocol) {
  const auto slash = protocol.find('/');
  const auto name = protocol.substr(0, slash);
  if (name.empty() || !all_are(name, kToken)) return false;
  if (slash != std::string_view::npos) {
    const auto version = protocol.substr(slash + 1);
    if (version.empty() || !all_are(version, kToken)) return false;
  }
  for (const std::string_view other : {"h2c", "h2", "h3", "http", "https", "tls"})
    if (equals_lower(name, other)) return false;
  return true;
}

}  // namespace lb::http
