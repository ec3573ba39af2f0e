#pragma once

#include <optional>
#include <string_view>

namespace lb::http {

/// What a request is aimed at (RFC 9110 §7.1). Views into the request's own octets.
struct Target {
  std::string_view path_and_query;  // what is forwarded: `/a?b`, or `*`
  std::string_view path;            // what is routed on: the same octets without the query
  std::optional<std::string_view> authority;  // of an absolute-form; overrides Host
};

/// Takes origin-form, absolute-form (scheme `http`) and, for OPTIONS only, asterisk-form. Nothing
/// is normalised: what two parties could read differently is refused (dot segments, plain or
/// encoded; broken or NUL escapes; fragments; backslashes; octets outside visible US-ASCII).
std::optional<Target> parse_target(std::string_view text, bool asterisk_allowed);

/// `uri-host [ ":" port ]` without userinfo (RFC 9112 §3.2, RFC 3986 §3.2.2); never empty.
bool is_authority(std::string_view text);

/// The host of a valid authority: no port, brackets kept.
std::string_view host_of(std::string_view authority);

}  // namespace lb::http
