#include "lb/proxy/upgrade.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/connection_fields.hpp"

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

std::string forwardable(const http::Fields& fields) {
  std::string protocols;
  for (const auto& field : fields)
    if (field.id == FieldId::Upgrade)
      http::for_each_member(field.value, [&](std::string_view protocol) {
        if (!http::may_be_upgraded_to(protocol)) return;
        if (!protocols.empty()) protocols.append(", ");
        protocols.append(protocol);
      });
  return protocols;
}

}  // namespace

std::string forwardable_upgrade(const http1::ParsedRequest& request) {
  if (!request.connection.upgrade || request.minor_version == 0) return {};
  const auto& body = request.body;
  if (body.kind != Kind::None && !(body.kind == Kind::Counted && body.octets == 0)) return {};
  return forwardable(request.head.fields);
}

std::string offered_upgrade(const http1::ParsedResponse& answer) {
  constexpr unsigned kUpgradeRequired = 426;
  return answer.head.status == kUpgradeRequired ? forwardable(answer.head.fields) : std::string{};
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
