#include "common/address.hpp"
#include "lb/import/site.hpp"

#include <algorithm>
#include <array>

namespace lb::import {
namespace {

bool has_word(const Directive& directive, std::string_view word) {
  return std::find(directive.arguments.begin(), directive.arguments.end(), word) !=
         directive.arguments.end();
}

/// `80`, `*:80`, `127.0.0.1:80`, `[::]:80`, `127.0.0.1`.
std::string address_of(std::string text) {
  if (text.starts_with("*:")) text = text.substr(2);
  if (text.starts_with("localhost:")) text = "127.0.0.1" + text.substr(9);
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) text = "0.0.0.0:" + text;
  if (common::IpAddress::parse(text) || (text.starts_with('[') && text.ends_with(']')))
    text += ":80";
  const auto address = common::SocketAddress::parse(text);
  return address && address->port != 0 ? address->to_string() : "";
}

/// Keys of a listener but for those of TLS.
std::string listener_keys(const Directive& listen, const Scope& scope, Site& site) {
  std::string more;  // the last of several backlogs counts, as in nginx
  for (const auto& word : listen.arguments)
    if (word.starts_with("backlog="))
      if (const auto backlog = octets_of(word.substr(8));
          backlog && *backlog >= 1 && *backlog <= 65535)
        more = ", backlog: " + std::to_string(*backlog);
  if (!has_word(listen, "proxy_protocol")) return more;
  std::string from;
  for (const auto* trusted : scope.all({"set_real_ip_from"}))
    if (const auto network = common::PrefixedAddress::parse(trusted->argument(0));
        network &&
        std::count(from.begin(), from.end(), ',') + 1 < static_cast<std::ptrdiff_t>(kMostNetworks))
      from += (from.empty() ? "" : ", ") + quoted(network->to_string());
  if (from.empty())
    site.notes.left_out(listen,
                        "proxy_protocol without set_real_ip_from: lbd believes a "
                        "PROXY header of listed addresses only");
  else
    more += ", proxy_protocol: {from: [" + from + "], required: true}";
  return more;
}

/// Servers of one address have one listener, with the certificates of all.
void add_listener(const Directive& listen, ListenerText listener, Site& site) {
  const auto other =
      std::find_if(site.listeners.begin(), site.listeners.end(),
                   [&listener](const auto& one) { return one.address == listener.address; });
  if (other != site.listeners.end()) {
    const bool first = has_word(listen, "default_server") || has_word(listen, "default");
    auto& all = other->certificates;
    all.insert(first ? all.begin() : all.end(), listener.certificates.begin(),
               listener.certificates.end());
  } else if (site.listeners.size() < kMostListeners && listener.address != "127.0.0.1:9101") {
    site.listeners.push_back(std::move(listener));
  } else {
    site.notes.left_out(listen, "lbd has at most 16, and its admin door has 127.0.0.1:9101");
  }
}

void import_listens(const Directive& server, const Scope& scope,
                    const std::vector<std::string>& certificates, Site& site) {
  bool any = false;
  for (const auto& directive : server.block) {
    if (directive.name != "listen") continue;
    any = true;
    const bool tls = has_word(directive, "ssl");
    const auto address = address_of(directive.argument(0));
    if (has_word(directive, "quic")) {
      site.notes.left_out(directive, "lbd speaks no HTTP/3");
    } else if (address.empty()) {
      site.notes.left_out(directive, "lbd listens on IP addresses");
    } else if (tls && certificates.empty()) {
      site.notes.left_out(directive,
                          "without its certificates something in front of lbd must end TLS. The "
                          "routes of this server are taken over for the other listeners");
    } else {
      site.notes.became(directive, tls ? "a listener with TLS" : "a listener");
      ListenerText listener{address, listener_keys(directive, scope, site), {}, {}};
      if (tls) {
        listener.certificates = certificates;
        listener.tls = import_tls_keys(scope, site);
      }
      add_listener(directive, std::move(listener), site);
    }
  }
  if (!any && std::none_of(site.listeners.begin(), site.listeners.end(),
                           [](const auto& one) { return one.address == "0.0.0.0:80"; }))
    site.listeners.push_back({"0.0.0.0:80", {}, {}, {}});
}

bool is_host(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  return is_host_name(name);
}

std::vector<std::string> hosts_of(const Directive& server, bool is_default, Site& site) {
  std::vector<std::string> hosts;
  if (is_default) hosts.emplace_back();
  for (const auto& directive : server.block) {
    if (directive.name != "server_name") continue;
    bool all = true;
    for (auto name : directive.arguments) {
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
      if (name == "_" || name.empty()) continue;
      if (is_default && is_host(name)) continue;  // its routes are for any host
      if (name.starts_with('.') && is_host_name(name.substr(1))) {
        hosts.push_back(name.substr(1));
        hosts.push_back('*' + name);
      } else if (is_host(name)) {
        hosts.push_back(name);
      } else {
        all = false;
      }
    }
    if (all)
      site.notes.became(directive, is_default ? "routes for any host" : "the host of its routes");
    else
      site.notes.left_out(directive, "of it what is no exact name and no *.name");
  }
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  return hosts;
}

/// `if ($host = name) { return … }`, as certbot writes it. True when that is what it is.
bool import_host_condition(const Directive& condition, const Scope& server, const Files& files,
                           Site& site) {
  const bool is_idiom = condition.arguments.size() == 3 && condition.argument(0) == "($host" &&
                        condition.argument(1) == "=" && condition.argument(2).ends_with(')') &&
                        condition.block.size() == 1 && condition.block[0].name == "return";
  if (!is_idiom) return false;
  auto host = condition.argument(2);
  host.pop_back();
  if (!is_host(host)) return false;
  const Scope inner{&condition.block, &server};
  import_location(nullptr, inner, {host}, files, site);
  site.notes.became(condition, "a route of its host");
  return true;
}

/// Where its routes are served by TLS alone, a client in the clear is led there.
std::string redirect_to_https(const Directive& server) {
  for (const auto& directive : server.block) {
    if (directive.name != "listen" || !has_word(directive, "ssl")) continue;
    const auto address = common::SocketAddress::parse(address_of(directive.argument(0)));
    if (!address) continue;
    const auto port =
        address->port == 443 ? std::string{} : ", port: " + std::to_string(address->port);
    return "{redirect: {status: 308, scheme: https" + port + "}}";
  }
  return "";
}

/// What a server has no location for is not what the default server has: nginx would look for a
/// file.
void close_rest(const std::string& host, Site& site) {
  RouteText rest{.origin = "", .host = host, .path = quoted("/"), .upstream = "", .filters = {}};
  const bool taken = std::any_of(
      site.routes.begin(), site.routes.end(),
      [&rest](const auto& other) { return other.host == rest.host && other.path == rest.path; });
  if (host.empty() || taken || site.routes.size() >= kMostRoutes) return;
  if (!site.first.empty()) rest.filters.push_back(site.first);
  rest.filters.emplace_back("{answer: {status: 404}}");
  site.routes.push_back(std::move(rest));
}

/// The names that its certificates are for.
std::vector<std::string> names_of(const Directive& server) {
  std::vector<std::string> names;
  for (const auto& directive : server.block)
    if (directive.name == "server_name")
      for (const auto& name : directive.arguments) {
        if (is_host(name)) names.push_back(name);
        if (name.starts_with('.') && is_host_name(name.substr(1)))
          names.insert(names.end(), {name.substr(1), '*' + name});
      }
  return names;
}

void import_error_pages(const Directive& server, const Scope& scope, const Files& files,
                        Site& site) {
  const auto* const intercept = scope.last("proxy_intercept_errors");
  const bool intercepts = intercept != nullptr && intercept->argument(0) == "on";
  if (intercept != nullptr) site.notes.became(*intercept, "`intercept` of error_pages");
  for (const auto* page : scope.all({"error_page"})) {
    const auto uri = page->arguments.empty() ? "" : page->arguments.back();
    const Directive* root = nullptr;
    for (const auto& location : server.block)
      if (location.name == "location" && !location.arguments.empty() &&
          location.arguments.back() == uri)
        root = Scope{&location.block, &scope}.last("root");
    if (root == nullptr) root = scope.last("root");
    const auto file = root != nullptr && uri.starts_with('/') ? root->argument(0) + uri : "";
    if (file.empty() || !files.read(file, 256U * 1024U)) {
      site.notes.left_out(*page, "lbd shows a file that it can read; error_pages takes one");
      continue;
    }
    for (const auto& status : page->arguments) {
      const auto number = octets_of(status);
      if (!number || *number < 400 || *number > 599) continue;
      const auto entry = "{status: " + status + ", html_file: " + quoted(file) +
                         (intercepts ? ", intercept: true}" : "}");
      if (std::find(site.error_pages.begin(), site.error_pages.end(), entry) ==
          site.error_pages.end())
        site.error_pages.push_back(entry);
    }
    site.notes.became(*page, intercepts ? "error_pages" : "error_pages, for lbd's own answers");
  }
}

}  // namespace

bool asks_for_certificates(const Scope& server) {
  const auto* const verify = server.last("ssl_verify_client");
  return verify != nullptr && verify->argument(0) != "off";
}

Doors doors_of(const Directive& server) {
  Doors doors;
  bool any = false;
  for (const auto& directive : server.block) {
    if (directive.name != "listen") continue;
    any = true;
    const bool tls = has_word(directive, "ssl") || has_word(directive, "quic");
    doors.tls = doors.tls || tls;
    doors.plain = doors.plain || !tls;
  }
  doors.plain = doors.plain || !any;
  return doors;
}

bool only_leads_to_https(const Directive& server) {
  bool found = false;
  const auto leads_to_https = [](const Directive& one) {
    return one.name == "return" && one.argument(1).starts_with("https://$");
  };
  for (const auto& directive : server.block) {
    if (directive.name == "proxy_pass" ||
        (directive.name == "location" &&
         std::none_of(directive.block.begin(), directive.block.end(), leads_to_https) &&
         directive.argument(directive.arguments.empty() ? 0 : directive.arguments.size() - 1)
                 .find("acme") == std::string::npos))
      return false;
    found = found || leads_to_https(directive) ||
            std::any_of(directive.block.begin(), directive.block.end(), leads_to_https);
  }
  return found;
}

void import_server(const Directive& server, const Scope& http, bool is_default, const Files& files,
                   Site& site) {
  const Scope scope{&server.block, &http};
  const auto doors = doors_of(server);
  const auto certificates = doors.tls ? import_certificates(scope, names_of(server), files, site)
                                      : std::vector<std::string>{};
  import_listens(server, scope, certificates, site);
  // Names that are guarded at one listener must be at all: a route is for every one of them.
  const bool guarded = asks_for_certificates(scope);
  if (guarded) site.guarded.insert(site.guarded.end(), certificates.begin(), certificates.end());
  auto hosts = hosts_of(server, is_default && !(guarded && site.has_open), site);
  if (guarded && hosts.empty())
    return site.notes.left_out(server, "it has no name, and others ask for no certificate");
  if (doors.plain && site.has_tls && only_leads_to_https(server)) {
    std::erase_if(hosts, [&site](const auto& host) {
      return site.any_leads ||
             std::any_of(site.routes.begin(), site.routes.end(),
                         [&host](const auto& route) { return route.host == host; });
    });
    const bool ends_tls =
        std::any_of(site.listeners.begin(), site.listeners.end(),
                    [](const auto& listener) { return !listener.certificates.empty(); });
    if (!ends_tls)
      return site.notes.left_out(
          server, "it only leads to https; whoever ends TLS in front of lbd does that");
    if (hosts.empty()) return site.notes.itself(server, "routes of TLS alone lead to https");
  }
  site.first.clear();
  if (!doors.plain && !certificates.empty() && site.has_plain)
    site.first = redirect_to_https(server);
  site.any_leads = site.any_leads || (is_default && !site.first.empty());
  if (!doors.plain && certificates.empty() && guarded) site.first = kClosed;
  site.notes.became(server,
                    !doors.plain && certificates.empty() ? "routes, without TLS" : "routes");
  import_error_pages(server, scope, files, site);
  for (const auto& directive : server.block)
    if (directive.name == "if" && !import_host_condition(directive, scope, files, site))
      site.notes.left_out(directive,
                          "lbd has routes by host, path, method, field, query and "
                          "cookie instead of conditions");
  import_location(nullptr, scope, hosts, files, site);
  for (const auto& host : hosts) close_rest(host, site);
}

}  // namespace lb::import
