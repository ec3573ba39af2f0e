#pragma once

#include "common/import_notes.hpp"
#include "lb/import/nginx_syntax.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lb::import {

using Notes = common::ImportNotes;

/// A block with those around it: a directive that does not stand here counts as it stands outside,
/// and one that does replaces all of its name outside.
struct Scope {
  const std::vector<Directive>* block;
  const Scope* around{nullptr};

  std::vector<const Directive*> all(std::initializer_list<std::string_view> names) const;
  const Directive* last(std::string_view name) const;
};

struct UpstreamText {
  std::string name;
  std::vector<std::string> endpoints;                     // in flow style
  std::vector<std::pair<std::string, std::string>> keys;  // `balance` → `{policy: random}`
  std::map<std::string, std::string> timeouts;            // `connect` → `5s`; also `retry`, `tls`
};

struct RouteText {
  std::string origin;  // for the comment: file, line and location
  std::string host;    // empty: any
  std::string path;    // in flow style
  std::string upstream;
  std::vector<std::string> filters;  // in flow style
  std::string limits{};              // keys of its own, in flow style
  std::string timeouts{};            // the same
  std::size_t rank{0};               // of an expression: the higher is asked first
};

struct ListenerText {
  std::string address;
  std::string more;                       // further keys, in flow style
  std::vector<std::string> certificates;  // in flow style; without any it speaks in the clear
  std::string tls;                        // further keys of `tls`, in flow style
};

/// What lbd's configuration takes at most (lb/config).
inline constexpr std::size_t kMostListeners = 16;
inline constexpr std::size_t kMostUpstreams = 256;
inline constexpr std::size_t kMostEndpoints = 64;
inline constexpr std::size_t kMostRoutes = 1024;
inline constexpr std::size_t kMostFilters = 32;
inline constexpr std::size_t kMostNetworks = 4096;
inline constexpr std::size_t kMostFields = 64;
inline constexpr std::size_t kLongestValue = 1024;

/// In place of what would keep strangers out and cannot be taken over: nobody comes in.
inline constexpr const char* kClosed = "{addresses: {deny: [0.0.0.0/0, \"::/0\"]}}";

/// lbd.yaml in the making.
struct Site {
  Notes notes{"lbd"};
  std::string workers;
  std::string folder;  // where nginx looks for files, with the slash
  std::vector<ListenerText> listeners;
  std::vector<std::string> guarded;  // certificates whose names are for clients that show one
  std::vector<std::string> trusted_proxies;
  std::map<std::string, std::string> timeouts;
  std::map<std::string, std::string> limits;
  std::map<std::string, std::string> drain;
  bool has_tls{false};    // any server: those for plain HTTP may only lead there
  bool has_plain{false};  // any server: what others serve must not be had there
  bool has_open{false};   // any server with TLS that asks for no certificate
  bool any_leads{false};  // what is for any host leads to https
  std::string first;      // filter, in flow style, that routes of the server begin with
  std::vector<UpstreamText> upstreams;
  std::vector<RouteText> routes;
  std::vector<std::string> error_pages;                // in flow style
  std::map<std::string, const Directive*> rate_zones;  // limit_req_zone by zone
  std::map<std::string, const Directive*> connection_zones;
  std::map<std::string, const Directive*> upgrade_maps;  // variable → the map of the idiom
};

/// The address of `$binary_remote_addr` and its like as a key of a limit; nothing for others.
std::optional<std::string> client_key(const std::string& variable);
/// `{set: {name: value}}` takes nginx's variables as `${client}` and so on; nothing when one has no
/// counterpart.
std::optional<std::string> with_places(const std::string& text);
/// nginx: `10` is seconds, `1m30s` a sum. Nothing for what lbd could not take.
std::optional<std::string> time_text(const std::string& text);
/// `8k`, `10m`, `1g`.
std::optional<std::uint64_t> octets_of(const std::string& text);
inline std::string quoted(std::string_view text) { return common::yaml_quoted(text); }
/// A host name as lbd takes it for routes, redirects and, with labels of DNS, look-ups.
bool is_host_name(std::string_view text);
bool is_path(std::string_view text);
/// Of a field, a media type, a realm.
bool is_value(std::string_view text);
/// Of a cookie, a field, a table.
bool is_token(std::string_view text);

/// How a server listens.
struct Doors {
  bool plain{false};
  bool tls{false};
};
Doors doors_of(const Directive& server);
/// Whether it asks clients for certificates.
bool asks_for_certificates(const Scope& server);
/// Nothing but `return 301 https://$host…`, perhaps beside files for an ACME client.
bool only_leads_to_https(const Directive& server);

// In the order of their use:
void import_upstream(const Directive& upstream, Site& site);
/// The name of the upstream for `proxy_pass http://NAME…`, made when it is an address; empty when
/// it cannot be. Timeouts of the scope that differ, or keys (`tls`, `http2`), make another of the
/// same endpoints.
std::string upstream_for(const Directive& pass, const std::string& authority,
                         const std::map<std::string, std::string>& keys, const Scope& scope,
                         Site& site);
/// The certificates of a server, in flow style; none when any rule for who comes in would be lost.
std::vector<std::string> import_certificates(const Scope& scope,
                                             const std::vector<std::string>& names,
                                             const Files& files, Site& site);
/// `, profile: modern` and so on.
std::string import_tls_keys(const Scope& scope, Site& site);
/// `tls` of an upstream in flow style; nothing when it would verify less than nginx.
std::optional<std::string> upstream_tls(const Scope& scope, const std::string& authority,
                                        const Files& files, Site& site);
void import_server(const Directive& server, const Scope& http, bool is_default, const Files& files,
                   Site& site);
void import_location(const Directive* location, const Scope& scope,
                     const std::vector<std::string>& hosts, const Files& files, Site& site);
/// Limits and timeouts that the route has of its own.
void import_bounds(const Scope& scope, RouteText& route, Site& site);
/// Of `client_max_body_size`, as lbd takes it; 0 is no limit.
std::string body_size_text(const Directive& directive);
/// How nginx comes to a location, told so that lbd comes there in the same order.
struct Order {
  std::string regex{};   // of its path, where an expression must stand in for it; else empty
  std::size_t rank{0};   // of that expression
  std::string lost{};    // why lbd cannot come there as nginx does: it must not be a route
  std::string closed{};  // why nobody may come in: an expression that guards it is lost
};
/// `scope`: that of the location's block.
Order order_of(const Directive& location, const Scope& scope);
/// Filters that keep somebody out, that change answers, and that change what an endpoint is sent.
std::vector<std::string> guard_filters(const Scope& scope, const Files& files, Site& site);
std::vector<std::string> answer_filters(const Scope& scope, Site& site);
std::vector<std::string> proxy_filters(const Scope& scope, const std::string& authority,
                                       Site& site);
std::string write_yaml(const Site& site, const std::vector<Directive>& all,
                       const std::string& path);

}  // namespace lb::import
