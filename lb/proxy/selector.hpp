#pragma once

#include "common/address.hpp"
#include "lb/http/message.hpp"
#include "lb/proxy/refusal.hpp"
#include "lb/upstream/upstream.hpp"

#include <string>
#include <string_view>

namespace lb::proxy {

/// What the policy of `upstream` needs to know of this request.
upstream::Selector select_by(const upstream::Upstream& upstream, const http::RequestHead& head,
                             const common::IpAddress& client);

/// The Set-Cookie field by which the client comes back to `endpoint`; empty when he does so already
/// or the upstream is not sticky. RFC 6265 §4.1.
/// `secure`: he came by TLS, and the cookie may travel by nothing else.
std::string sticky_cookie(const upstream::Upstream& upstream, const upstream::Selector& selector,
                          const upstream::Endpoint& endpoint, bool secure = false);

/// What a failed attempt says of its endpoint.
health::Verdict verdict_of(Trouble trouble);

/// Why a request got no place at an endpoint.
Trouble trouble_of(upstream::Unavailable why);

/// The value of the first cookie of this name in a request; empty when there is none. RFC 6265
/// §4.2.
std::string_view cookie(const http::Fields& fields, std::string_view name);

}  // namespace lb::proxy
