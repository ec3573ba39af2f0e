#include "lb/proxy/upgrade.hpp"

#include "lb/http/characters.hpp"

namespace lb::proxy {
namespace {

using http::FieldId;
using Kind = http1::BodyLength::Kind;

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (http::to_lower(a[i]) != http::to_lower(b[i])) return false;
  return true;
}

/// `name [ "/" version ]`
bool is_forwardable(std::string_view protocol) {
  const auto slash = protocol.find('/');
  const auto name = protocol.substr(0, slash);
  if (name.empty() || !http::all_are(name, http::kToken)) return false;
  if (slash != std::string_view::npos) {
    const auto version = protocol.substr(slash + 1);
    if (version.empty() || !http::all_are(version, http::kToken)) return false;
  }
  for (const std::string_view other : {"h2c", "h2", "h3", "http", "https", "tls"})
    if (http::equals_lower(name, other)) return false;
  return true;
}

}  // namespace

std::string forwardable_upgrade(const http1::ParsedRequest& request) {
  std::string protocols;
  if (!request.connection.upgrade || request.minor_version == 0) return protocols;
  const auto& body = request.body;
  if (body.kind != Kind::None && !(body.kind == Kind::Counted && body.octets == 0))
    return protocols;
  for (const auto& field : request.head.fields)
    if (field.id == FieldId::Upgrade)
      http::for_each_member(field.value, [&](std::string_view protocol) {
        if (!is_forwardable(protocol)) return;
        if (!protocols.empty()) protocols.append(", ");
        protocols.append(protocol);
      });
  return protocols;
}

bool is_asked_upgrade(const http1::ParsedResponse& answer, std::string_view asked) {
  if (!answer.connection.upgrade || answer.minor_version == 0) return false;
  const http::Field* upgrade = nullptr;
  for (const auto& field : answer.head.fields) {
    // RFC 9110 §8.6, RFC 9112 §6.1: a 1xx has neither.
    if (field.id == FieldId::ContentLength || field.id == FieldId::TransferEncoding) return false;
    if (field.id != FieldId::Upgrade) continue;
    if (upgrade != nullptr) return false;
    upgrade = &field;
  }
  if (upgrade == nullptr) return false;
  bool found = false;
  http::for_each_member(
      asked, [&](std::string_view protocol) { found = found || same(protocol, upgrade->value); });
  return found;
}

}  // namespace lb::proxy
