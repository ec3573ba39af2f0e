#include "lb/import/nginx.hpp"

#include "common/address.hpp"
#include "common/units.hpp"
#include "lb/http/characters.hpp"
#include "lb/import/site.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace lb::import {
namespace {

constexpr std::array<std::string_view, 31> kOfItself{"user",
                                                     "pid",
                                                     "daemon",
                                                     "master_process",
                                                     "error_log",
                                                     "worker_rlimit_nofile",
                                                     "worker_cpu_affinity",
                                                     "pcre_jit",
                                                     "events",
                                                     "log_format",
                                                     "sendfile",
                                                     "tcp_nopush",
                                                     "tcp_nodelay",
                                                     "types",
                                                     "types_hash_max_size",
                                                     "server_tokens",
                                                     "charset",
                                                     "server_names_hash_bucket_size",
                                                     "server_names_hash_max_size",
                                                     "variables_hash_max_size",
                                                     "map_hash_bucket_size",
                                                     "map_hash_max_size",
                                                     "client_body_buffer_size",
                                                     "client_header_buffer_size",
                                                     "reset_timedout_connection",
                                                     "proxy_http_version",
                                                     "proxy_max_temp_file_size",
                                                     "proxy_headers_hash_max_size",
                                                     "proxy_headers_hash_bucket_size",
                                                     "proxy_socket_keepalive",
                                                     "log_not_found"};

/// What lbd does in one way only: with `value` as nginx is told to, else not.
struct OneWay {
  std::string_view name;
  std::string_view value;
  const char* same;
  const char* other;
};
constexpr const char* kPassesOn = "lbd passes content on as it comes";
constexpr std::array<OneWay, 8> kOneWay{{
    {"merge_slashes", "on", "lbd merges slashes for its routes",
     "lbd has one for all: merge_slashes: false"},
    {"proxy_buffering", "off", kPassesOn,
     "lbd passes content on as it comes: a slow client keeps its endpoint busy"},
    {"proxy_request_buffering", "off", kPassesOn,
     "lbd passes content on as it comes: a slow client keeps its endpoint busy"},
    {"proxy_buffers", "", "", "lbd passes content on as it comes and keeps no answer"},
    {"proxy_busy_buffers_size", "", "", "lbd passes content on as it comes and keeps no answer"},
    {"proxy_ignore_client_abort", "off", "when a client has gone lbd leaves its endpoint, too",
     "when a client has gone lbd leaves its endpoint, too"},
    {"underscores_in_headers", "on", "such fields pass",
     "such fields pass; `request_fields: {remove: …}` takes them away"},
    {"ignore_invalid_headers", "", "", "lbd answers 400 to a request with an invalid field"},
}};

void import_one_way(const Directive& directive, const OneWay& way, Site& site) {
  if (!way.value.empty() && directive.argument(0) == way.value)
    site.notes.itself(directive, way.same);
  else
    site.notes.left_out(directive, way.other);
}

/// Keys of the whole of lbd that nginx has anywhere; of several the largest counts.
struct Whole {
  std::string_view name;
  std::string_view section;
  std::string_view key;
  bool by_route{false};  // what stands in a server is for its routes: import_bounds
};
constexpr std::array<Whole, 8> kWhole{{{"client_header_timeout", "timeouts", "head"},
                                       {"client_body_timeout", "timeouts", "body", true},
                                       {"send_timeout", "timeouts", "send"},
                                       {"keepalive_timeout", "timeouts", "keep_alive"},
                                       {"worker_shutdown_timeout", "drain", "deadline"},
                                       {"client_max_body_size", "limits", "body", true},
                                       {"keepalive_requests", "limits", "requests"},
                                       {"large_client_header_buffers", "limits", "field_line"}}};

/// 8 KiB at least and 1 MiB at most, as lbd takes them.
void import_head_size(const Directive& directive, Site& site) {
  const auto count = octets_of(directive.argument(0));
  const auto size = octets_of(directive.argument(1));
  constexpr std::uint64_t kMost = 1U << 20U;
  if (!count || !size || *size < 64 || *count == 0 || *count > kMost)
    return site.notes.left_out(directive, "these sizes cannot be told");
  const auto line = std::min(*size, kMost);
  const auto head = std::min(std::max<std::uint64_t>(line * *count, 1024), kMost);
  site.limits["field_line"] = site.limits["request_line"] = std::to_string(line);
  site.limits["head"] = std::to_string(head);
  site.notes.became(directive, "limits.head, .request_line and .field_line");
}

/// Of the clients' connections; what stands in an upstream is told of there.
void import_requests(const Directive& directive, Site& site) {
  const auto count = octets_of(directive.argument(0));
  if (!count || *count == 0 || *count > 1'000'000'000)
    return site.notes.left_out(directive, "lbd counts 1 to 1000000000 requests of a connection");
  auto& value = site.limits["requests"];
  if (value.empty() || *count > *octets_of(value)) value = std::to_string(*count);
  site.notes.became(directive, "limits.requests of the whole lbd; of several the largest");
}

/// Of an answer's head, which lbd measures as it does a request's.
void import_answer_head(const Directive& directive, Site& site) {
  constexpr std::uint64_t kUsual = std::uint64_t{16} << 10U;
  const auto size = octets_of(directive.argument(0)).value_or(0);
  if (size > 0 && size <= kUsual) return site.notes.itself(directive, "lbd takes heads of 16 KiB");
  site.notes.left_out(directive,
                      "lbd takes heads up to limits.head, 16 KiB, with lines of limits.field_line, "
                      "8 KiB; raise them there for endpoints that send more");
}

void import_whole(const Directive& directive, const Whole& whole, Site& site) {
  if (whole.key == "field_line") return import_head_size(directive, site);
  if (whole.key == "requests") return import_requests(directive, site);
  auto& values = whole.section == "timeouts" ? site.timeouts
                 : whole.section == "drain"  ? site.drain
                                             : site.limits;
  auto& value = values[std::string{whole.key}];
  if (whole.section != "limits") {
    const auto time = time_text(directive.argument(0));
    if (!time) {
      if (value.empty()) values.erase(std::string{whole.key});
      return site.notes.left_out(directive, "lbd has no time of 0");
    }
    value = *time;
  } else {
    value = body_size_text(directive);
  }
  site.notes.became(directive, std::string{whole.section} + '.' + std::string{whole.key} +
                                   " of the whole lbd; of several the largest");
}

void import_access_log(const Directive& directive, Site& site) {
  if (directive.argument(0) == "off")
    return site.notes.left_out(directive, "lbd logs all or nothing");
  site.notes.became(directive, "access_log: JSON to standard output");
}

/// `map $http_upgrade $connection_upgrade { … }`
void import_map(const Directive& directive, Site& site) {
  if (directive.argument(0) == "$http_upgrade")
    site.notes.itself(directive, "WebSockets and other upgrades pass");
  else
    site.notes.left_out(directive, "lbd has no variables of its own");
}

std::string zone_of(const Directive& directive) {
  for (const auto& word : directive.arguments)
    if (word.starts_with("zone=")) return word.substr(5, word.find(':', 5) - 5);
  return "";
}

void import_trusted(const Directive& directive, Site& site) {
  const auto network = common::PrefixedAddress::parse(directive.argument(0));
  if (!network) return site.notes.left_out(directive, "this is no network");
  const auto text = network->to_string();
  auto& known = site.trusted_proxies;
  if (std::find(known.begin(), known.end(), text) == known.end() && known.size() < kMostNetworks)
    known.push_back(text);
  site.notes.became(directive, "trusted_proxies");
}

/// Where nginx may look for the client's address and lbd does, too.
bool is_read_by_lbd(const std::string& source) {
  return http::equals_lower(source, "x-forwarded-for") || http::equals_lower(source, "forwarded") ||
         source == "proxy_protocol";
}

/// What counts wherever it stands.
void import_everywhere(const std::vector<Directive>& block, Site& site, bool in_server = false) {
  for (const auto& directive : block) {
    const auto& name = directive.name;
    const auto* const whole = std::find_if(kWhole.begin(), kWhole.end(),
                                           [&name](const Whole& one) { return one.name == name; });
    const auto* const way = std::find_if(kOneWay.begin(), kOneWay.end(),
                                         [&name](const OneWay& one) { return one.name == name; });
    if (std::find(kOfItself.begin(), kOfItself.end(), name) != kOfItself.end())
      site.notes.itself(directive);
    else if (way != kOneWay.end())
      import_one_way(directive, *way, site);
    else if (name == "proxy_buffer_size")
      import_answer_head(directive, site);
    else if (whole != kWhole.end() && !(whole->by_route && in_server) &&
             !site.notes.knows(directive))
      import_whole(directive, *whole, site);
    else if (name == "proxy_redirect" &&
             (directive.argument(0) == "off" || directive.argument(0) == "default"))
      site.notes.itself(directive, "Location passes as the endpoint wrote it");
    else if (name == "access_log")
      import_access_log(directive, site);
    else if (name == "map")
      import_map(directive, site);
    else if (name == "limit_req_zone" && directive.arguments.size() >= 2)
      site.rate_zones.emplace(zone_of(directive), &directive);
    else if (name == "limit_conn_zone" && directive.arguments.size() >= 2)
      site.connection_zones.emplace(zone_of(directive), &directive);
    else if (name == "set_real_ip_from")
      import_trusted(directive, site);
    else if (name == "real_ip_header" && !is_read_by_lbd(directive.argument(0)))
      site.notes.left_out(directive, "lbd reads no other field than Forwarded and X-Forwarded-For");
    else if (name == "real_ip_header" || name == "real_ip_recursive")
      site.notes.itself(directive,
                        "lbd reads Forwarded, X-Forwarded-For and the PROXY header of "
                        "who is trusted");
    if (name != "upstream" && name != "map" && name != "types")
      import_everywhere(directive.block, site, in_server || name == "server");
  }
}

/// The first of those that listen at an address, or the one that says so.
const Directive* default_server(const std::vector<const Directive*>& servers) {
  for (const auto* server : servers)
    for (const auto& directive : server->block)
      if (directive.name == "listen")
        for (const auto& word : directive.arguments)
          if (word == "default_server" || word == "default") return server;
  return servers.empty() ? nullptr : servers.front();
}

void import_http(const std::vector<Directive>& block, const Files& files, Site& site) {
  const Scope http{&block, nullptr};
  std::vector<const Directive*> servers;
  for (const auto& directive : block) {
    if (directive.name == "upstream") import_upstream(directive, site);
    if (directive.name == "server") servers.push_back(&directive);
  }
  for (const auto* server : servers) {
    const auto doors = doors_of(*server);
    site.has_tls = site.has_tls || doors.tls;
    site.has_plain = site.has_plain || doors.plain;
    site.has_open = site.has_open || (doors.tls && !asks_for_certificates({&server->block, &http}));
  }
  const auto* first = default_server(servers);
  if (site.has_tls) {
    // Who only leads to https comes last, as others serve the same hosts: where he would be asked
    // for any host, who is so behind TLS is.
    std::stable_partition(servers.begin(), servers.end(),
                          [](const auto* server) { return !only_leads_to_https(*server); });
    std::vector<const Directive*> behind;
    std::copy_if(servers.begin(), servers.end(), std::back_inserter(behind),
                 [](const auto* server) { return doors_of(*server).tls; });
    if (first != nullptr && only_leads_to_https(*first)) first = default_server(behind);
  }
  for (const auto* server : servers) import_server(*server, http, server == first, files, site);
  // lbd asks expressions in their order in the file.
  std::stable_sort(site.routes.begin(), site.routes.end(),
                   [](const auto& a, const auto& b) { return a.rank > b.rank; });
}

}  // namespace

common::Result<Imported, std::string> import_nginx(const std::string& path, const Files& files) {
  const auto loaded = load_nginx(path, files);
  if (!loaded) return {boost::system::in_place_error, loaded.error()};
  Site site;
  site.folder = path.substr(0, path.rfind('/') + 1);
  import_everywhere(*loaded, site);
  bool found = false;
  for (const auto& directive : *loaded) {
    if (directive.name == "http") {
      site.notes.became(directive, "the whole file");
      import_http(directive.block, files, site);
      found = true;
    } else if (directive.name == "worker_processes") {
      const auto count = octets_of(directive.argument(0));
      if (count && *count <= 256) site.workers = std::to_string(*count);
      site.notes.became(directive, "workers");
    }
  }
  if (!found) import_http(*loaded, files, site);  // a file of sites-enabled by itself
  if (site.upstreams.empty() || site.routes.empty())
    return {boost::system::in_place_error, path + ": nothing in it is proxied"};
  for (const auto* zones : {&site.rate_zones, &site.connection_zones})
    for (const auto& [name, zone] : *zones)
      if (!site.notes.knows(*zone)) site.notes.itself(*zone, "nothing uses it");
  if (site.listeners.empty()) site.listeners.push_back({"0.0.0.0:80", {}, {}, {}});
  for (auto& listener : site.listeners)
    for (const auto& one : site.guarded)
      if (auto& all = listener.certificates;
          !all.empty() && std::find(all.begin(), all.end(), one) == all.end())
        all.push_back(one);
  Imported out;
  out.yaml = write_yaml(site, *loaded, path);
  for (const auto& line : site.notes.lines(*loaded)) out.report += line + '\n';
  return out;
}

}  // namespace lb::import
