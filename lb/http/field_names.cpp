#include "lb/http/field_names.hpp"

#include "lb/http/characters.hpp"

#include <algorithm>
#include <array>

namespace lb::http {
namespace {

struct Known {
  std::string_view name;
  FieldId id;
};

constexpr std::array kActedUpon{
    Known{"accept", FieldId::Accept},
    Known{"authorization", FieldId::Authorization},
    Known{"connection", FieldId::Connection},
    Known{"content-length", FieldId::ContentLength},
    Known{"cookie", FieldId::Cookie},
    Known{"date", FieldId::Date},
    Known{"expect", FieldId::Expect},
    Known{"forwarded", FieldId::Forwarded},
    Known{"host", FieldId::Host},
    Known{"http2-settings", FieldId::Http2Settings},
    Known{"idempotency-key", FieldId::IdempotencyKey},
    Known{"keep-alive", FieldId::KeepAlive},
    Known{"max-forwards", FieldId::MaxForwards},
    Known{"proxy", FieldId::Proxy},
    Known{"proxy-connection", FieldId::ProxyConnection},
    Known{"set-cookie", FieldId::SetCookie},
    Known{"te", FieldId::Te},
    Known{"traceparent", FieldId::Traceparent},
    Known{"tracestate", FieldId::Tracestate},
    Known{"trailer", FieldId::Trailer},
    Known{"transfer-encoding", FieldId::TransferEncoding},
    Known{"upgrade", FieldId::Upgrade},
    Known{"x-client-cert-fingerprint", FieldId::XClientCertFingerprint},
    Known{"x-client-cert-subject", FieldId::XClientCertSubject},
    Known{"x-forwarded-for", FieldId::XForwardedFor},
    Known{"x-forwarded-host", FieldId::XForwardedHost},
    Known{"x-forwarded-port", FieldId::XForwardedPort},
    Known{"x-forwarded-proto", FieldId::XForwardedProto},
    Known{"x-request-id", FieldId::XRequestId},
};

/// FieldId::Claim; docs/security.md says the same. Left out are names by which a client speaks for
/// itself, though some servers trust them (`X-HTTP-Method-Override`), and those of users
/// (`Remote-User`): the filter that finds out who it is replaces a client's word.
constexpr std::array<std::string_view, 61> kClaims{
    // the client's address
    "ali-cdn-real-ip", "cdn-real-ip", "cdn-src-ip", "cf-connecting-ip", "cf-connecting-ipv6",
    "cf-ipcountry", "cf-pseudo-ipv4", "client-ip", "do-connecting-ip", "fastly-client-ip",
    "fly-client-ip", "forwarded-for", "forwarded-for-ip", "http-client-ip", "http-x-forwarded-for",
    "incap-client-ip", "proxy-client-ip", "remote-addr", "true-client-ip", "wl-proxy-client-ip",
    "x-appengine-user-ip", "x-azure-clientip", "x-azure-socketip", "x-client-ip",
    "x-cluster-client-ip", "x-forward-for", "x-forwarded", "x-nf-client-connection-ip",
    "x-original-for", "x-original-forwarded-for", "x-original-remote-addr", "x-originating-ip",
    "x-proxyuser-ip", "x-real-ip", "x-realip", "x-remote-addr", "x-remote-ip", "x-source-ip",
    "x-sucuri-clientip", "x-true-client-ip", "x-vercel-forwarded-for",
    // the scheme, host and target it asked for
    "cf-visitor", "front-end-https", "wl-proxy-ssl", "x-host", "x-http-host-override",
    "x-original-host", "x-original-method", "x-original-proto", "x-original-uri", "x-original-url",
    "x-real-port", "x-rewrite-url", "x-scheme", "x-script-name", "x-ssl", "x-url-scheme",
    // the certificate it showed (RFC 9440)
    "client-cert", "client-cert-chain",
    // which files the proxy can send by itself
    "x-accel-mapping", "x-sendfile-type"};

constexpr std::array<std::string_view, 7> kClaimPrefixes{
    "ssl-client-", "x-amzn-mtls-", "x-arr-", "x-client-cert", "x-envoy-", "x-forwarded-", "x-ssl-"};

constexpr std::size_t kLongest = 25;

/// In order of length; `kFirst[n]` finds those of n letters.
constexpr auto kKnown = [] {
  std::array<Known, kActedUpon.size() + kClaims.size()> known{};
  auto end = std::copy(kActedUpon.begin(), kActedUpon.end(), known.begin());
  for (const auto name : kClaims) *end++ = {name, FieldId::Claim};
  std::sort(known.begin(), known.end(),
            [](const Known& a, const Known& b) { return a.name.size() < b.name.size(); });
  return known;
}();
static_assert(kKnown.back().name.size() == kLongest);

constexpr auto kFirst = [] {
  std::array<std::uint8_t, kLongest + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length)
    for (const auto& known : kKnown)
      if (known.name.size() < length) ++first[length];
  return first;
}();

/// Of a lower-case octet.
constexpr bool is_letter_or_digit(char octet) {
  return (octet >= 'a' && octet <= 'z') || is(octet, kDigit);
}

enum class Spelling : std::uint8_t { Another, Disguised, Same };

/// How `name` begins. Any octet that is neither letter nor digit may pass for a hyphen: lighttpd
/// makes `_` of all of them where CGI makes it of hyphens.
Spelling spelling_of(std::string_view name, std::string_view known) {
  auto spelling = Spelling::Same;
  for (std::size_t at = 0; at < known.size(); ++at) {
    const char octet = to_lower(name[at]);
    if (octet == known[at]) continue;
    if (known[at] != '-' || is_letter_or_digit(octet)) return Spelling::Another;
    spelling = Spelling::Disguised;
  }
  return spelling;
}

FieldId of_prefix(std::string_view name) {
  const char first = to_lower(name.front());
  if (first != 'x' && first != 's') return FieldId::Other;
  for (const auto prefix : kClaimPrefixes) {
    if (name.size() < prefix.size()) continue;
    const auto spelling = spelling_of(name, prefix);
    if (spelling != Spelling::Another)
      return spelling == Spelling::Same ? FieldId::Claim : FieldId::Disguised;
  }
  return FieldId::Other;
}

}  // namespace

FieldId identify(std::string_view name) {
  if (name.empty()) return FieldId::Other;
  if (name.size() <= kLongest)
    for (auto i = kFirst[name.size()]; i < kFirst[name.size() + 1]; ++i) {
      const auto spelling = spelling_of(name, kKnown[i].name);
      if (spelling != Spelling::Another)
        return spelling == Spelling::Same ? kKnown[i].id : FieldId::Disguised;
    }
  return of_prefix(name);
}

bool read_alike(std::string_view name, std::string_view other) {
  if (name.size() != other.size()) return false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char a = to_lower(name[at]);
    const char b = to_lower(other[at]);
    if (a != b && (is_letter_or_digit(a) || is_letter_or_digit(b))) return false;
  }
  return true;
}

}  // namespace lb::http
