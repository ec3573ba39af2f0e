#pragma once

#include <optional>
#include <string_view>

namespace lb::http {

/// What a request is aimed at (RFC 9110 §7.1). Views into the request's own octets.
struct Target {
  std::string_view path;   // what is routed on, and forwarded as it is: `/a`, or `*`
  std::string_view query;  // forwarded behind it, with its `?`; may be empty
  std::optional<std::string_view> authority{};  // of an absolute-form; overrides Host
  bool secure{false};                           // of an absolute-form: its scheme is `https`
};

/// Takes origin-form, absolute-form (scheme `http` or `https`) and, for OPTIONS only,
/// asterisk-form. Nothing is normalised: what two parties could read differently is refused (dot
/// segments, plain or encoded; broken or NUL escapes; fragments; backslashes; octets outside
/// visible US-ASCII). Only an absolute-form without a path gets the one it means: `/` (RFC 9112
/// §3.2.1), or `*` when OPTIONS asks without a query (§3.2.4).
std::optional<Target> parse_target(std::string_view text, bool asterisk_allowed);

/// `uri-host [ ":" port ]` without userinfo (RFC 9112 §3.2, RFC 3986 §3.2.2); never empty.
bool is_authority(std::string_view text);

/// The host of a valid authority: no port, brackets kept.
std::string_view host_of(std::string_view authority);

}  // namespace lb::http
