#include "common/address.hpp"
#include "common/units.hpp"
#include "lb/import/site.hpp"

#include <algorithm>
#include <set>

namespace lb::import {
namespace {

constexpr std::uint64_t kMostWeight = 10'000;

bool has_port(const std::string& text) {
  return text.find(text.starts_with('[') ? "]:" : ":") != text.npos;
}

/// `name[:port]` or an address, as the beginning of an endpoint in flow style; empty when lbd has
/// no such thing.
std::string place_of(const std::string& text) {
  auto whole = text;
  if (!has_port(whole)) whole += ":80";
  if (const auto address = common::SocketAddress::parse(whole))
    return address->port != 0 ? "address: " + quoted(address->to_string()) : "";
  const auto host = whole.substr(0, whole.find(':'));
  const auto port = whole.substr(whole.find(':') + 1);
  const bool plain = is_host_name(host) && !common::IpAddress::parse(host) && !port.empty() &&
                     port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos &&
                     std::stoul(port) <= 65535 && std::stoul(port) > 0;
  return plain && host != "unix" ? "dns: " + quoted(whole) : "";
}

std::optional<std::uint64_t> number_of(const std::string& text, std::uint64_t most) {
  const auto number = octets_of(text);
  if (!number || *number > most || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  return number;
}

struct Servers {
  std::vector<std::string> endpoints;
  std::set<std::string> places;
  std::string failures;
  std::string ejection;
};

void import_endpoint(const Directive& server, bool weighted, Servers& out, Notes& notes) {
  const auto place = place_of(server.argument(0));
  if (place.empty()) return notes.left_out(server, "lbd connects to addresses and DNS names");
  if (!out.places.insert(place).second) return notes.left_out(server, "it is named twice");
  if (out.endpoints.size() >= kMostEndpoints)
    return notes.left_out(server, "an upstream has at most 64 endpoints");
  std::uint64_t weight = 1;
  std::uint64_t most = 0;  // connections; 0: any
  bool backup = false;
  for (std::size_t i = 1; i < server.arguments.size(); ++i) {
    const auto& word = server.arguments[i];
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto value = equals == word.npos ? "" : word.substr(equals + 1);
    if (key == "down") return notes.left_out(server, "it is down; `lbctl add` brings it");
    if (key == "weight") {
      weight = number_of(value, kMostWeight).value_or(1);
    } else if (key == "max_conns") {
      most = number_of(value, 1'000'000).value_or(0);
    } else if (key == "backup") {
      backup = true;
    } else if (key == "max_fails") {
      if (out.failures.empty()) out.failures = std::to_string(number_of(value, 10'000).value_or(5));
    } else if (key == "fail_timeout") {
      if (out.ejection.empty()) out.ejection = time_text(value).value_or("");
    } else if (key != "resolve" && key != "slow_start") {
      notes.left_out(server, "of it " + word + ", which lbd does not have");
    }
  }
  std::string more;
  if (most > 0) more += ", max_connections: " + std::to_string(most);
  if (backup) more += ", backup: true";
  if (weighted) more += ", weight: " + std::to_string(weight);
  out.endpoints.push_back('{' + place + more + '}');
  notes.became(server, "an endpoint");
}

std::string passive_of(const Servers& servers) {
  constexpr std::chrono::nanoseconds kShortest = std::chrono::milliseconds{10};
  constexpr std::chrono::nanoseconds kUsualMost = std::chrono::minutes{5};
  auto out = "{consecutive_failures: " + (servers.failures.empty() ? "1" : servers.failures);
  if (const auto time = common::parse_duration(servers.ejection)) {
    const auto ejection = common::format_duration(std::max(*time, kShortest));
    out += ", ejection: " + ejection;
    if (*time > kUsualMost) out += ", most_ejection: " + ejection;
  }
  return out + '}';
}

std::string policy_of(const Directive& directive, Notes& notes) {
  const auto& name = directive.name;
  const auto first = directive.argument(0);
  if (name == "least_conn") return "{policy: least_requests}";
  if (name == "least_time") return "{policy: peak_ewma}";
  if (name == "ip_hash") return "{policy: client_hash}";
  if (name == "random") return first == "two" ? "{policy: two_choices}" : "{policy: random}";
  if (name == "sticky" && first == "cookie" && is_token(directive.argument(1)))
    return "{sticky: {cookie: " + directive.argument(1) + "}}";
  if (name != "hash") return "";
  if (first == "$request_uri" || first == "$uri") return "{policy: hash, hash: {path: true}}";
  const auto key = client_key(first);
  if (!key) {
    notes.left_out(directive, "lbd hashes a field, a cookie, the path or the client");
    return "";
  }
  return *key == "address" ? "{policy: client_hash}" : "{policy: hash, hash: " + *key + '}';
}

void import_key(const Directive& directive, UpstreamText& out, Notes& notes) {
  const auto& name = directive.name;
  const auto key = [&](const std::string& to, const std::string& value) {
    // Policies are joined later; of the rest nginx itself takes one only.
    if (to != "balance" && std::any_of(out.keys.begin(), out.keys.end(),
                                       [&](const auto& other) { return other.first == to; }))
      return notes.left_out(directive, "it stands twice, the first counts");
    out.keys.emplace_back(to, value);
    notes.became(directive, to + ": " + value);
  };
  if (name == "zone" || name == "resolver") {
    notes.itself(directive);
  } else if (name == "keepalive_requests") {
    notes.left_out(directive, "lbd counts no requests here: the endpoint ends its connections");
  } else if (name == "keepalive") {
    if (const auto count = number_of(directive.argument(0), 10'000))
      key("idle_connections", std::to_string(*count));
  } else if (name == "keepalive_timeout") {
    if (const auto time = time_text(directive.argument(0))) {
      out.timeouts["idle"] = *time;
      notes.became(directive, "timeouts.idle: " + *time);
    }
  } else if (name == "queue") {
    const auto timeout = directive.argument(1);
    const auto time = timeout.starts_with("timeout=") ? time_text(timeout.substr(8)) : std::nullopt;
    const auto wait = time ? *common::parse_duration(*time) : std::chrono::seconds{60};
    if (const auto length = number_of(directive.argument(0), 100'000))
      key("queue", "{length: " + std::to_string(*length) + ", timeout: " +
                       common::format_duration(
                           std::min<std::chrono::nanoseconds>(wait, std::chrono::hours{1})) +
                       '}');
  } else if (const auto policy = policy_of(directive, notes); !policy.empty()) {
    key("balance", policy);
  }
}

std::string own_timeout(const Scope& scope, const char* name, Notes& notes,
                        const std::string& become) {
  const auto* const directive = scope.last(name);
  if (directive == nullptr) return "";
  const auto time = time_text(directive->argument(0));
  if (!time)
    notes.left_out(*directive, "this time cannot be told");
  else
    notes.became(*directive, "timeouts." + become + " of the upstream");
  return time.value_or("");
}

/// lbd tries again where no connection came about, and after one that died what may be done twice.
void import_next_upstream(const Directive& next, Notes& notes) {
  std::string lacking;
  bool timeout = false;
  for (const auto& word : next.arguments) {
    timeout = timeout || word == "timeout";
    if (word != "error" && word != "timeout") lacking += (lacking.empty() ? "" : " ") + word;
  }
  if (lacking.empty() && !timeout)
    return notes.itself(next, "lbd tries again what may be done twice, at another endpoint");
  std::string why;
  if (!lacking.empty())
    why = "of it " + lacking +
          ": lbd tries again only where a connection did not come about or died before an answer";
  if (timeout)
    why += (why.empty() ? "" : "; ") +
           std::string{
               "of timeout that of an answer: upstreams[].retry.try_timeout says after how "
               "long somebody else is asked"};
  notes.left_out(next, why);
}

}  // namespace

void import_upstream(const Directive& upstream, Site& site) {
  UpstreamText out;
  out.name = upstream.argument(0);
  if (out.name.empty() || site.upstreams.size() >= kMostUpstreams)
    return site.notes.left_out(upstream, "it has no name, or there are too many");
  Servers servers;
  const bool weighted =
      std::any_of(upstream.block.begin(), upstream.block.end(), [](const Directive& one) {
        return one.name == "server" &&
               std::any_of(one.arguments.begin(), one.arguments.end(),
                           [](const auto& word) { return word.starts_with("weight="); });
      });
  for (const auto& directive : upstream.block) {
    if (directive.name == "server")
      import_endpoint(directive, weighted, servers, site.notes);
    else
      import_key(directive, out, site.notes);
  }
  out.endpoints = std::move(servers.endpoints);
  // Both of sticky and a policy: the latter's braces open for the former.
  const auto is_balance = [](const auto& key) { return key.first == "balance"; };
  auto first = std::find_if(out.keys.begin(), out.keys.end(), is_balance);
  if (first != out.keys.end()) {
    for (auto it = first + 1; it != out.keys.end();) {
      if (!is_balance(*it)) {
        ++it;
        continue;
      }
      const bool same = it->second.substr(0, 4) == first->second.substr(0, 4);
      if (!same)
        first->second =
            first->second.substr(0, first->second.size() - 1) + ", " + it->second.substr(1);
      it = out.keys.erase(it);
    }
  }
  if (servers.failures == "0")
    out.keys.emplace_back("passive", "{enabled: false}");
  else if (!servers.failures.empty() || !servers.ejection.empty())
    out.keys.emplace_back("passive", passive_of(servers));
  if (out.endpoints.empty())
    return site.notes.left_out(upstream, "nothing in it can be an endpoint");
  const bool taken = std::any_of(site.upstreams.begin(), site.upstreams.end(),
                                 [&](const auto& other) { return other.name == out.name; });
  if (taken) return site.notes.left_out(upstream, "the name is taken");
  site.notes.became(upstream, "an upstream");
  site.upstreams.push_back(std::move(out));
}

std::string upstream_for(const Directive& pass, const std::string& authority,
                         const std::map<std::string, std::string>& keys, const Scope& scope,
                         Site& site) {
  const auto find = [&site](const std::string& name) {
    return std::find_if(site.upstreams.begin(), site.upstreams.end(),
                        [&name](const auto& upstream) { return upstream.name == name; });
  };
  if (site.upstreams.size() >= kMostUpstreams) {
    site.notes.left_out(pass, "lbd has at most 256 upstreams");
    return "";
  }
  auto group = authority;
  const auto named = find(group);
  // Where no port is said it is that of the scheme: who is asked by http, too, is another.
  if (keys.contains("tls") && !has_port(authority) &&
      (named == site.upstreams.end() ||
       named->endpoints == std::vector{'{' + place_of(authority) + '}'}))
    group += ":443";
  if (find(group) == site.upstreams.end()) {
    const auto place = place_of(group);
    if (place.empty()) {
      site.notes.left_out(pass, "lbd connects to upstreams, addresses and DNS names");
      return "";
    }
    site.upstreams.push_back({group, {'{' + place + '}'}, {}, {}});
  }
  std::map<std::string, std::string> wanted;
  wanted["connect"] = own_timeout(scope, "proxy_connect_timeout", site.notes, "connect");
  std::erase_if(wanted, [](const auto& one) { return one.second.empty(); });
  std::string retry;
  const auto* const next = scope.last("proxy_next_upstream");
  const auto* const tries = scope.last("proxy_next_upstream_tries");
  if (next != nullptr && next->argument(0) == "off") {
    retry = "{attempts: 1}";
    site.notes.became(*next, "retry: " + retry);
  } else if (next != nullptr) {
    import_next_upstream(*next, site.notes);
  }
  if (tries != nullptr) {
    const auto count = number_of(tries->argument(0), 1000).value_or(0);
    if (count > 0 && retry.empty())
      retry = "{attempts: " + std::to_string(std::min<std::uint64_t>(count, 10)) + '}';
    site.notes.became(*tries, "retry.attempts");
  }
  if (!retry.empty()) wanted["retry"] = retry;
  wanted.insert(keys.begin(), keys.end());
  // The group itself when nobody has given it others; else one more of the same endpoints.
  auto name = group;
  for (int number = 2;; ++number) {
    const auto found = find(name);
    if (found == site.upstreams.end()) break;
    auto have = found->timeouts;
    const auto idle = have.extract("idle");
    const bool unused = std::none_of(site.routes.begin(), site.routes.end(),
                                     [&name](const auto& route) { return route.upstream == name; });
    if (unused && have.empty()) {
      for (auto& [key, value] : wanted) found->timeouts[key] = value;
      return name;
    }
    if (have == wanted) return name;
    name = group + '-' + std::to_string(number);
  }
  auto another = *find(group);
  const auto idle = another.timeouts.find("idle");
  if (idle != another.timeouts.end()) wanted["idle"] = idle->second;
  another.name = name;
  another.timeouts = std::move(wanted);
  site.upstreams.push_back(std::move(another));
  return name;
}

}  // namespace lb::import
