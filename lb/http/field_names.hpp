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
  XClientCertFingerprint,
  XClientCertSubject,
  XForwardedFor,
  XForwardedHost,
  XForwardedPort,
  XForwardedProto,
  XRequestId,
  /// What only a proxy may say, and lbd does not write: where a client is, by which scheme, host
  /// and path it asked, what certificate it showed. `X-Real-IP`, `X-Forwarded-Prefix`,
  /// `CF-Connecting-IP`; docs/security.md has the list.
  Claim,
  /// Another spelling of a field that endpoints trust a proxy to write (`X_Forwarded_For`): many
  /// servers read it as the same (CGI makes `_` of `-`, some of every other octet), so it is never
  /// passed on.
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
    case FieldId::XClientCertFingerprint:
    case FieldId::XClientCertSubject:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
    case FieldId::XRequestId:
      return true;
    default:
      return false;
  }
}

/// Fields of a request by which one proxy tells the next about the client, whoever writes them.
constexpr bool is_for_proxies(FieldId id) {
  switch (id) {
    case FieldId::Claim:
    case FieldId::Forwarded:
    case FieldId::XClientCertFingerprint:
    case FieldId::XClientCertSubject:
    case FieldId::XForwardedFor:
    case FieldId::XForwardedHost:
    case FieldId::XForwardedPort:
    case FieldId::XForwardedProto:
      return true;
    default:
      return false;
  }
}

/// Case-insensitive; `name` is a token already.
FieldId identify(std::string_view name);

/// Whether some endpoint could take one name for the other: letters of either case are the same,
/// and so is every octet that is neither letter nor digit (FieldId::Disguised).
bool read_alike(std::string_view name, std::string_view other);

}  // namespace lb::http
