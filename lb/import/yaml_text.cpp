#include "lb/import/site.hpp"

namespace lb::import {
namespace {

using common::yaml_comment;

void write_key(std::string& out, std::string_view indent, std::string_view key,
               std::string_view value) {
  out.append(indent).append(key).append(": ").append(value).append("\n");
}

void write_section(std::string& out, const std::string& name,
                   const std::map<std::string, std::string>& values) {
  if (values.empty()) return;
  out += '\n' + name + ":\n";
  for (const auto& [key, value] : values) write_key(out, "  ", key, value);
}

void write_listener(std::string& out, const ListenerText& listener) {
  out += "  - {address: " + quoted(listener.address) + listener.more;
  if (!listener.certificates.empty()) {
    std::string certificates;
    for (const auto& one : listener.certificates)
      certificates += (certificates.empty() ? "\n      " : ",\n      ") + one;
    out += ", tls: {certificates: [" + certificates + ']' + listener.tls + '}';
  }
  out += "}\n";
}

void write_upstream(std::string& out, const UpstreamText& upstream) {
  out += "  - name: " + quoted(upstream.name) + "\n    endpoints:\n";
  for (const auto& endpoint : upstream.endpoints) out += "      - " + endpoint + '\n';
  for (const auto& [key, value] : upstream.keys) write_key(out, "    ", key, value);
  std::string timeouts;
  for (const auto& [key, value] : upstream.timeouts) {
    if (key == "retry" || key == "tls" || key == "http2") {
      write_key(out, "    ", key, value);
      continue;
    }
    timeouts.append(timeouts.empty() ? "" : ", ").append(key).append(": ").append(value);
  }
  if (!timeouts.empty()) out += "    timeouts: {" + timeouts + "}\n";
  out +=
      "    check: {type: tcp}    # nginx asks nobody; better: {path: "
      "/the/page/that/says/all/is/well}\n";
}

void write_route(std::string& out, const RouteText& route) {
  if (!route.origin.empty()) out += "  " + yaml_comment(route.origin);
  out += "  - path: " + route.path + '\n';
  if (!route.host.empty()) out += "    host: " + quoted(route.host) + '\n';
  if (!route.upstream.empty()) out += "    upstream: " + quoted(route.upstream) + '\n';
  if (!route.limits.empty()) out += "    limits: {" + route.limits + "}\n";
  if (!route.timeouts.empty()) out += "    timeouts: {" + route.timeouts + "}\n";
  if (route.filters.empty()) return;
  out += "    filters:\n";
  for (const auto& filter : route.filters) out += "      - " + filter + '\n';
}

}  // namespace

std::string write_yaml(const Site& site, const std::vector<Directive>& all,
                       const std::string& path) {
  std::string out = yaml_comment("lbd.yaml, made of " + path + " by `lbctl import nginx`.");
  const auto left = site.notes.lines(all, Notes::Kind::LeftOut);
  if (!left.empty()) {
    out += yaml_comment("What could not be taken over:");
    for (const auto& line : left) out += yaml_comment("  " + line);
  }
  out += '\n';
  if (!site.workers.empty()) out += "workers: " + site.workers + "\n\n";
  out += "listeners:\n";
  for (const auto& listener : site.listeners) write_listener(out, listener);
  if (!site.trusted_proxies.empty()) {
    out += "\ntrusted_proxies:\n";
    for (const auto& network : site.trusted_proxies) out += "  - " + quoted(network) + '\n';
  }
  write_section(out, "timeouts", site.timeouts);
  write_section(out, "limits", site.limits);
  write_section(out, "drain", site.drain);
  if (!site.error_pages.empty()) {
    out += "\nerror_pages:\n";
    for (const auto& page : site.error_pages) out += "  - " + page + '\n';
  }
  out += "\nupstreams:\n";
  for (const auto& upstream : site.upstreams) write_upstream(out, upstream);
  out += "\nroutes:\n";
  for (const auto& route : site.routes) write_route(out, route);
  return out;
}

}  // namespace lb::import
