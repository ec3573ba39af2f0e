#include "lb/http/field_names.hpp"

#include "lb/http/characters.hpp"

#include <array>

namespace lb::http {
namespace {

struct Known {
  std::string_view name;
  FieldId id;
};

/// In order of length; `kFirst[n]` finds those of n letters.
constexpr std::array kKnown{
    Known{"te", FieldId::Te},
    Known{"date", FieldId::Date},
    Known{"host", FieldId::Host},
    Known{"proxy", FieldId::Proxy},
    Known{"accept", FieldId::Accept},
    Known{"cookie", FieldId::Cookie},
    Known{"expect", FieldId::Expect},
    Known{"trailer", FieldId::Trailer},
    Known{"upgrade", FieldId::Upgrade},
    Known{"forwarded", FieldId::Forwarded},
    Known{"x-real-ip", FieldId::XRealIp},
    Known{"connection", FieldId::Connection},
    Known{"keep-alive", FieldId::KeepAlive},
    Known{"set-cookie", FieldId::SetCookie},
    Known{"tracestate", FieldId::Tracestate},
    Known{"traceparent", FieldId::Traceparent},
    Known{"max-forwards", FieldId::MaxForwards},
    Known{"x-request-id", FieldId::XRequestId},
    Known{"authorization", FieldId::Authorization},
    Known{"content-length", FieldId::ContentLength},
    Known{"http2-settings", FieldId::Http2Settings},
    Known{"idempotency-key", FieldId::IdempotencyKey},
    Known{"x-forwarded-for", FieldId::XForwardedFor},
    Known{"proxy-connection", FieldId::ProxyConnection},
    Known{"x-forwarded-host", FieldId::XForwardedHost},
    Known{"x-forwarded-port", FieldId::XForwardedPort},
    Known{"transfer-encoding", FieldId::TransferEncoding},
    Known{"x-forwarded-proto", FieldId::XForwardedProto},
};
constexpr std::size_t kLongest = 17;

constexpr auto kFirst = [] {
  std::array<std::uint8_t, kLongest + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length)
    for (const auto& known : kKnown)
      if (known.name.size() < length) ++first[length];
  return first;
}();

FieldId find(std::string_view name, char underscore) {
  for (auto i = kFirst[name.size()]; i < kFirst[name.size() + 1]; ++i) {
    const auto& known = kKnown[i];
    bool same = true;
    for (std::size_t at = 0; same && at < name.size(); ++at) {
      const char octet = name[at] == '_' ? underscore : to_lower(name[at]);
      same = octet == known.name[at];
    }
    if (same) return known.id;
  }
  return FieldId::Other;
}

}  // namespace

FieldId identify(std::string_view name) {
  if (name.size() > kLongest) return FieldId::Other;
  const auto id = find(name, '_');
  if (id == FieldId::Other && name.find('_') != std::string_view::npos &&
      find(name, '-') != FieldId::Other)
    return FieldId::Disguised;
  return id;
}

}  // namespace lb::http
