#pragma once

#include <cstdint>
#include <string_view>

namespace lb::http {

/// The fields we act upon; every other one only passes through.
enum class FieldId : std::uint8_t {
  Other,
  Accept,
  Authorization,
  Connection,
  ContentLength,
  Cookie,
  Date,
  Expect,
  Forwarded,
  Host,
  Http2Settings,
  IdempotencyKey,
  KeepAlive,
  MaxForwards,
  Proxy,
  ProxyConnection,
  SetCookie,
  Te,
  Traceparent,
  Tracestate,
  Trailer,
  TransferEncoding,
  Upgrade,
  XForwardedFor,
  XForwardedHost,
  XForwardedPort,
  XForwardedProto,
  XRealIp,
  XRequestId,
  /// Another spelling of a field that endpoints trust us to write (`X_Forwarded_For`): many servers
  /// read it as the same (CGI turns both into one variable), so it is never passed on.
  Disguised,
};

/// Fields of a request that lbd writes itself for whoever it asks: a client's are never passed on
/// as they are.
constexpr bool is_written_for_endpoints(FieldId id) {
  switch (id) {
    case FieldId::ContentLength:
    case FieldId::Expect:  // met or refused here
    case FieldId::Forwarded:
    case FieldId::Host:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
    case FieldId::XRealIp:
    case FieldId::XRequestId:
      return true;
    default:
      return false;
  }
}

/// Case-insensitive; `name` is a token already.
FieldId identify(std::string_view name);

}  // namespace lb::http
