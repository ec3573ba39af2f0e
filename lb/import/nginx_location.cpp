#include "lb/import/site.hpp"
#include "lb/routing/pattern.hpp"

#include <algorithm>
#include <array>

namespace lb::import {
namespace {

/// Where nginx has somebody else than an upstream.
constexpr std::array<std::string_view, 9> kOtherContent{
    "root",      "alias",          "try_files",   "fastcgi_pass", "uwsgi_pass",
    "scgi_pass", "memcached_pass", "stub_status", "empty_gif"};

struct Where {
  std::string path;    // in flow style
  std::string prefix;  // of a prefix location, without its last slash; empty for others
  bool exact{false};
  Order order{};
};

std::string regex_path(const std::string& text) { return "{regex: " + quoted(text) + '}'; }

std::optional<Where> path_of(const Directive* location, const Scope& scope, Site& site) {
  if (location == nullptr) return Where{quoted("/"), "", false};
  auto order = order_of(*location, scope);
  if (!order.lost.empty()) {
    site.notes.left_out(*location, "NOT imported: " + order.lost);
    return std::nullopt;
  }
  const bool modified = location->arguments.size() > 1;
  const auto modifier = modified ? location->argument(0) : "";
  const auto text = location->argument(modified ? 1 : 0);
  if (modifier == "~" || modifier == "~*") {
    return Where{regex_path(order.regex), "", false, order};
  }
  const bool is_plain = is_path(text);
  if (!is_plain || (modified && modifier != "=" && modifier != "^~")) {
    site.notes.left_out(*location, "this is no path for lbd");
    return std::nullopt;
  }
  if (modifier == "=") return Where{"{exact: " + quoted(text) + '}', text, true};
  auto prefix = text;
  while (prefix.size() > 1 && prefix.ends_with('/')) prefix.pop_back();
  return Where{order.regex.empty() ? quoted(text) : regex_path(order.regex), prefix, false, order};
}

struct Url {
  std::string scheme;
  std::string authority;
  std::string path;  // with its slash; empty without
};

std::optional<Url> parse_url(const std::string& text) {
  const auto colon = text.find("://");
  if (colon == text.npos) return std::nullopt;
  const auto slash =
      std::min({text.find('/', colon + 3), text.find("$request_uri"), text.find("$uri")});
  return Url{text.substr(0, colon),
             text.substr(colon + 3, slash == text.npos ? slash : slash - colon - 3),
             slash == text.npos ? "" : text.substr(slash)};
}

/// A path without variables.
bool is_literal_path(const std::string& text) {
  return text.find_first_of("$#\"\\") == text.npos && is_path(text);
}

/// `scheme: …, host: …, port: …` of a redirect; nothing when it is not clear where to.
std::optional<std::string> redirect_target(const Url& url) {
  std::string out;
  if (url.scheme == "http" || url.scheme == "https")
    out = "scheme: " + url.scheme;
  else if (url.scheme != "$scheme")
    return std::nullopt;
  if (url.authority == "$host" || url.authority == "$http_host" || url.authority == "$server_name")
    return out;
  const auto colon = url.authority.find(':');
  const auto host = url.authority.substr(0, colon);
  if (!is_host_name(host)) return std::nullopt;
  out += (out.empty() ? "" : ", ") + ("host: " + quoted(host));
  if (colon != url.authority.npos) {
    const auto port = octets_of(url.authority.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    out += ", port: " + std::to_string(*port);
  }
  return out;
}

bool is_redirect(const std::string& status) {
  return status == "301" || status == "302" || status == "303" || status == "307" ||
         status == "308";
}

std::string redirect_of(const std::string& status, const std::string& to) {
  const auto url = parse_url(to);
  std::string where;
  if (url) {
    const auto target = redirect_target(*url);
    if (!target) return "";
    where = *target;
  }
  const auto path = url ? url->path : to;
  if (path.empty() || path == "$request_uri" || path == "$uri$is_args$args") {
    if (where.empty()) return "";
  } else if (path == "$uri") {
    where += (where.empty() ? "" : ", ") + std::string{"query: drop"};
  } else if (is_literal_path(path)) {
    where += (where.empty() ? "" : ", ") + ("path: " + quoted(path) + ", query: drop");
  } else {
    return "";
  }
  return "{redirect: {status: " + status + ", " + where + "}}";
}

/// Of what `return` says: `add_header Content-Type` where that is set, else the default.
std::string type_of(const Scope& scope, Site& site) {
  for (const auto* field : scope.all({"add_header"})) {
    const auto name = field->argument(0);
    constexpr std::string_view kType = "content-type";
    const bool is_type =
        std::equal(name.begin(), name.end(), kType.begin(), kType.end(),
                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 0x20 : a) == b; });
    if (!is_type || !is_value(field->argument(1)) || field->argument(1).empty() ||
        field->argument(1).find('$') != std::string::npos)
      continue;
    site.notes.became(*field, "`content_type` of an answer");
    return field->argument(1);
  }
  const auto* const type = scope.last("default_type");
  if (type == nullptr || type->argument(0).find('$') != std::string::npos ||
      !is_value(type->argument(0)))
    return "";
  site.notes.became(*type, "`content_type` of an answer");
  return type->argument(0);
}

/// The filter of a `return`; empty when there is none like it.
std::string filter_of_return(const Directive& directive, const Scope& scope, Site& site) {
  auto status = directive.argument(0);
  auto text = directive.argument(1);
  if (directive.arguments.size() == 1 && parse_url(status)) text = std::exchange(status, "302");
  std::string filter;
  if (is_redirect(status)) {
    filter = redirect_of(status, text);
    if (filter.empty()) {
      site.notes.left_out(directive, "lbd cannot say where this leads");
      return "";
    }
  } else {
    const auto number = octets_of(status);
    if (!number || *number < 200 || (*number > 599) || text.find('$') != text.npos) {
      site.notes.left_out(directive, "lbd answers with a status from 200 to 599 and a fixed text");
      return "";
    }
    const bool closes = *number == 444;
    filter = "{answer: {status: " + (closes ? "403" : std::to_string(*number));
    if (const auto type = type_of(scope, site); !type.empty() && !text.empty())
      filter += ", content_type: " + quoted(type);
    if (!text.empty() && *number != 204 && *number != 304) filter += ", body: " + quoted(text);
    filter += "}}";
    if (closes) {
      site.notes.became(directive, "a filter `answer` with 403: lbd always answers");
      return filter;
    }
  }
  site.notes.became(directive, is_redirect(status) ? "a filter `redirect`" : "a filter `answer`");
  return filter;
}

/// `$1` as `\1`; nothing with other variables.
std::optional<std::string> replacement_of(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' || text[i] == '?' || text[i] == ' ' || text[i] == '"') return std::nullopt;
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    if (i + 1 >= text.size() || text[i + 1] < '1' || text[i + 1] > '9') return std::nullopt;
    out += '\\';
    out += text[++i];
  }
  return out;
}

/// nginx replaces the whole path where the expression matches anywhere.
std::string whole_path(const std::string& regex) {
  return (regex.starts_with('^') ? "" : "^.*?") + regex +
         (regex.ends_with('$') && !regex.ends_with("\\$") ? "" : ".*$");
}

std::string filter_of_rewrite(const Directive& directive, Site& site) {
  auto to = directive.argument(1);
  const auto flag = directive.argument(2);
  const bool drops_query = to.ends_with('?');
  if (drops_query) to.pop_back();
  const auto regex = whole_path(directive.argument(0));
  const auto pattern = routing::Pattern::compile(regex);
  const auto url = parse_url(to);
  const auto target = url ? redirect_target(*url) : std::string{};
  const auto path = replacement_of(url ? url->path : to);
  const bool redirects = url || flag == "permanent" || flag == "redirect";
  if (!pattern || !target || !path || !path->starts_with('/') || pattern->fault_of(*path)) {
    site.notes.left_out(directive, "lbd has no such expression or replacement");
    return "";
  }
  const auto change = "regex: " + quoted(regex) + ", to: " + quoted(*path);
  if (!redirects) {
    site.notes.became(directive, "a filter `rewrite`; the route stays the same");
    return "{rewrite: {" + change + "}}";
  }
  site.notes.became(directive, "a filter `redirect`");
  return "{redirect: {status: " + std::string{flag == "permanent" ? "301, " : "302, "} +
         (target->empty() ? "" : *target + ", ") + change +
         (drops_query ? ", query: drop}}" : "}}");
}

/// What `proxy_pass` with a path makes of the request's.
void add_path_change(const Directive& pass, const Url& url, const Where& where, RouteText& route,
                     Site& site) {
  if (url.path.empty()) return;
  if (!is_literal_path(url.path) || where.prefix.empty()) {
    if (!(url.path == "/" && where.path == quoted("/")))
      site.notes.left_out(pass, "of it the path " + url.path);
    return;
  }
  if (where.exact)
    route.filters.push_back("{rewrite: {path: " + quoted(url.path) + "}}");
  else if (where.prefix + '/' != url.path && where.prefix != url.path)
    route.filters.push_back("{rewrite: {prefix: " + quoted(where.prefix) +
                            ", to: " + quoted(url.path) + "}}");
}

/// Where `proxy_pass` and `grpc_pass` lead; the latter also without a scheme.
std::optional<Url> url_of(const Directive& pass) {
  const auto text = pass.argument(0);
  const bool bare = pass.name == "grpc_pass" && text.find("://") == text.npos;
  return parse_url(bare ? "grpc://" + text : text);
}

/// Its name; empty when lbd cannot ask it.
std::string upstream_at(const Directive& pass, const Url& url, const Scope& scope,
                        const Files& files, Site& site) {
  if (url.authority.find('$') != std::string::npos) return "";
  if (url.scheme == "http") return upstream_for(pass, url.authority, {}, scope, site);
  if (url.scheme == "grpc")
    return upstream_for(pass, url.authority, {{"http2", "{enabled: true}"}}, scope, site);
  if (url.scheme != "https") return "";
  const auto tls = upstream_tls(scope, url.authority, files, site);
  return tls ? upstream_for(pass, url.authority, {{"tls", *tls}}, scope, site) : "";
}

/// Ends the route: an upstream, or a filter that answers.
void finish(const Scope& scope, const Where& where, const Files& files, RouteText& route,
            Site& site) {
  const auto here = [&scope](std::string_view name) -> const Directive* {
    const auto found = std::find_if(scope.block->begin(), scope.block->end(),
                                    [name](const auto& one) { return one.name == name; });
    return found == scope.block->end() ? nullptr : &*found;
  };
  for (const auto& directive : *scope.block)
    if (directive.name == "rewrite")
      if (auto filter = filter_of_rewrite(directive, site); !filter.empty())
        route.filters.push_back(std::move(filter));
  if (const auto* const closed = here("internal")) {
    route.filters = {"{answer: {status: 404}}"};
    site.notes.became(*closed, "404 for everybody: nobody comes here from outside");
    return;
  }
  if (const auto* const back = here("return")) {
    if (auto filter = filter_of_return(*back, scope, site); !filter.empty()) {
      route.filters.push_back(std::move(filter));
      return;
    }
  }
  const auto* pass = here("proxy_pass");
  if (pass == nullptr) pass = here("grpc_pass");
  if (pass != nullptr) {
    const auto url = url_of(*pass);
    if (url) route.upstream = upstream_at(*pass, *url, scope, files, site);
    if (route.upstream.empty()) {
      site.notes.left_out(*pass, "lbd asks addresses and DNS names, by http, https and grpc");
    } else {
      for (auto& filter : proxy_filters(scope, url->authority, site))
        route.filters.push_back(std::move(filter));
      site.notes.became(*pass, "the route's upstream " + route.upstream);
      add_path_change(*pass, *url, where, route, site);
      return;
    }
    route.filters.push_back("{answer: {status: 502}}");
    return;
  }
  for (const auto name : kOtherContent)
    if (const auto* const other = here(name))
      site.notes.left_out(*other,
                          "lbd serves no files and speaks HTTP only; the route answers 404");
  route.filters.push_back("{answer: {status: 404}}");
}

bool has_content(const Directive* location, const std::vector<Directive>& block) {
  return std::any_of(block.begin(), block.end(), [location](const Directive& one) {
    return one.name == "return" ||
           (location != nullptr && (one.name == "proxy_pass" || one.name == "grpc_pass" ||
                                    std::find(kOtherContent.begin(), kOtherContent.end(),
                                              one.name) != kOtherContent.end()));
  });
}

/// Where `try_files … @name` leads when there is no file, and lbd has none; null when it does not.
const Directive* named_location(const Scope& scope, Site& site) {
  const auto tries = std::find_if(scope.block->begin(), scope.block->end(),
                                  [](const auto& one) { return one.name == "try_files"; });
  if (tries == scope.block->end() || tries->arguments.empty()) return nullptr;
  const auto name = tries->arguments.back();
  if (!name.starts_with('@')) return nullptr;
  for (const auto* around = &scope; around != nullptr; around = around->around)
    for (const auto& one : *around->block) {
      if (one.name != "location" || one.argument(0) != name) continue;
      site.notes.became(*tries, "straight " + name + ": lbd serves no files");
      site.notes.became(one, "what `try_files` leads to");
      return &one;
    }
  return nullptr;
}

}  // namespace

void import_location(const Directive* location, const Scope& scope,
                     const std::vector<std::string>& hosts, const Files& files, Site& site) {
  const auto where = path_of(location, scope, site);
  if (!where) return;
  const bool returns = location == nullptr && has_content(nullptr, *scope.block);
  bool has_nested = false;
  for (const auto& nested : *scope.block) {
    if (nested.name != "location") continue;
    if (nested.argument(0).starts_with('@')) continue;
    if (returns) {
      site.notes.itself(nested, "the server's `return` answers before");
      continue;
    }
    has_nested = true;
    const Scope inner{&nested.block, &scope};
    import_location(&nested, inner, hosts, files, site);
  }
  if (location != nullptr)
    site.notes.became(*location,
                      where->prefix.empty() || where->exact || where->path.ends_with("/\"") ||
                              !where->order.regex.empty()
                          ? "a route"
                          : "a route; of whole segments: nginx takes " + where->prefix + "x, too");
  const auto* const named = returns ? nullptr : named_location(scope, site);
  if (named == nullptr && !has_content(location, *scope.block) &&
      (has_nested || location == nullptr))
    return;
  const Scope inside = named != nullptr ? Scope{&named->block, &scope} : scope;
  RouteText route;
  route.origin = location != nullptr ? location->where() : "";
  route.path = where->path;
  route.filters = guard_filters(inside, files, site);
  for (auto& filter : answer_filters(inside, site)) route.filters.push_back(std::move(filter));
  finish(inside, *where, files, route, site);
  import_bounds(inside, route, site);
  route.rank = where->order.rank;
  if (!where->order.closed.empty()) {
    site.notes.left_out(*location, "NOT imported, 503 for everybody: " + where->order.closed);
    route.upstream.clear();
    route.filters = {"{answer: {status: 503}}"};
  }
  if (route.upstream.empty() && route.filters.empty()) return;
  if (!site.first.empty()) route.filters.insert(route.filters.begin(), site.first);
  if (route.filters.size() > kMostFilters) {
    if (location != nullptr) site.notes.left_out(*location, "its filters are too many for lbd");
    route.upstream.clear();
    route.filters = {"{answer: {status: 503}}"};
  }
  for (const auto& host : hosts) {
    route.host = host;
    const bool twice = std::any_of(site.routes.begin(), site.routes.end(), [&](const auto& other) {
      return other.host == route.host && other.path == route.path;
    });
    if (!twice && site.routes.size() < kMostRoutes)
      site.routes.push_back(route);
    else if (location != nullptr)
      site.notes.left_out(*location,
                          "its host and path have a route already, or there are too many");
  }
}

}  // namespace lb::import
