#include "lb/config/filter_readers.hpp"
#include "lb/filters/basic_auth.hpp"
#include "lb/filters/compression.hpp"
#include "lb/filters/concurrency_limit.hpp"
#include "lb/filters/cors.hpp"
#include "lb/filters/forward_auth.hpp"
#include "lb/filters/rate_limit.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>

namespace lb::config {

using common::ConfigNode;

namespace {

constexpr std::uint32_t kMostRequests = 1'000'000;
constexpr std::size_t kMostClients = 4'000'000;
constexpr std::size_t kLongestName = 64;
constexpr auto kLongestMemory = std::chrono::hours{24 * 30};  // of a rate limit's whole burst

/// `address`, or `{field: …}` or `{cookie: …}`.
void read_client_key(const ConfigNode& node, filters::ClientKey& key) {
  using Kind = filters::ClientKey::Kind;
  if (!node.is_mapping("key")) {
    node.read_choice("key", key.kind, {{"address", Kind::Address}});
    return;
  }
  const auto by = node.section("key");
  if (by.has("field")) key.kind = Kind::Field;
  by.read("field", key.name);
  if (key.kind == Kind::Field) std::ranges::transform(key.name, key.name.begin(), http::to_lower);
  if (by.has("cookie")) key.kind = Kind::Cookie;
  by.read("cookie", key.name);
  if (key.name.empty() || !http::all_are(key.name, http::kToken) ||
      by.has("field") == by.has("cookie"))
    by.fault("", "who counts as one client is not clear", "address, a field or a cookie");
}

/// Filters of the same name count together; without one, only this one does.
std::string table_of(const ConfigNode& node, const FilterPlace& place, std::string& name) {
  node.read("name", name);
  if (name.empty() || name.size() > kLongestName || !http::all_are(name, http::kToken))
    node.fault("name", '"' + name + "\" is no name", "letters, digits, - and _");
  return node.has("name") ? "name " + name : "place " + place.owner;
}

/// One that may be sent along, or asked for.
std::optional<std::string_view> why_not_told(std::string_view) { return std::nullopt; }

bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.starts_with(scheme)) return http::is_authority(text.substr(scheme.size()));
  return false;
}

}  // namespace

FilterPointer read_rate_limit(const ConfigNode& node, const FilterPlace& place) {
  filters::RateLimitOptions options;
  const auto table = table_of(node, place, options.name);
  node.require("requests", options.requests, common::Range<std::uint32_t>{1, kMostRequests});
  node.read("per", options.per, {std::chrono::milliseconds{1}, std::chrono::hours{24}});
  node.read("burst", options.burst, {1, kMostRequests});
  read_client_key(node, options.key);
  node.read("clients", options.clients, {1, kMostClients});
  node.read("tell", options.tell);
  const double burst = options.burst == 0 ? options.requests : options.burst;
  if (burst / options.requests * std::chrono::duration<double>(options.per).count() >
      std::chrono::duration<double>(kLongestMemory).count())
    node.fault("burst", "it takes longer than 30 days to get it back", "a smaller burst");
  return std::make_shared<filters::RateLimit>(std::move(options), table);
}

FilterPointer read_concurrency_limit(const ConfigNode& node, const FilterPlace& place) {
  filters::ConcurrencyOptions options;
  const auto table = table_of(node, place, options.name);
  node.require("requests", options.requests, common::Range<std::uint32_t>{1, kMostRequests});
  read_client_key(node, options.key);
  node.read_choice("status", options.status, {{"429", 429U}, {"503", 503U}});
  return std::make_shared<filters::ConcurrencyLimit>(std::move(options), table);
}

FilterPointer read_basic_auth(const ConfigNode& node, const FilterPlace&) {
  filters::BasicAuthOptions options;
  node.read("realm", options.realm);
  if (!http::all_are(options.realm, http::kFieldValue) ||
      options.realm.find_first_of("\"\\") != std::string::npos)
    node.fault("realm", "it holds what cannot be quoted", "plain words");
  node.read("user_field", options.user_field);
  if (!options.user_field.empty())
    is_field_name(node, "user_field", options.user_field, filters::why_not_in_requests);
  node.read("forward", options.forward);
  if (!node.has("users_file")) node.fault("users_file", "this is missing", "a file of name:hash");
  std::string text;
  read_file(node, "users_file", text);
  auto users = filters::PasswordFile::parse(text);
  if (auto* file = std::get_if<filters::PasswordFile>(&users))
    return std::make_shared<filters::BasicAuth>(std::move(options), std::move(*file));
  const auto& fault = std::get<filters::PasswordFault>(users);
  if (!text.empty())
    node.fault("users_file", "line " + std::to_string(fault.line) + ": " + fault.wrong,
               fault.right);
  return nullptr;
}

FilterPointer read_forward_auth(const ConfigNode& node, const FilterPlace& place) {
  filters::ForwardAuthOptions options;
  options.upstream = read_upstream_name(node, place.snapshot);
  node.read("path", options.path);
  if (!options.path.starts_with('/') || !http::parse_target(options.path, false))
    node.fault("path", '"' + options.path + "\" is no path", "a path such as /verify");
  node.read("host", options.host);
  if (!options.host.empty() && !http::is_authority(options.host))
    node.fault("host", '"' + options.host + "\" is no host", "a host name, with a port if need be");
  read_field_names(node, "request_fields", why_not_told, options.request_fields);
  read_field_names(node, "response_fields", filters::why_not_in_requests, options.response_fields);
  node.read("timeout", options.timeout, {std::chrono::milliseconds{10}, std::chrono::minutes{5}});
  return std::make_shared<filters::ForwardAuth>(std::move(options));
}

FilterPointer read_cors(const ConfigNode& node, const FilterPlace&) {
  filters::CorsOptions options;
  node.require("origins", options.origins);
  const bool any = std::ranges::find(options.origins, "*") != options.origins.end();
  for (const auto& origin : options.origins)
    if (origin != "*" && !is_origin(origin))
      node.fault("origins", '"' + origin + "\" is no origin", "one such as https://www.example.kr");
  if (node.has("origins") && options.origins.empty())
    node.fault("origins", "it is empty", "at least one origin");
  if (any && options.origins.size() > 1)
    node.fault("origins", "* stands for all of them", "* alone, or a list without it");
  node.read("methods", options.methods);
  for (const auto& method : options.methods)
    if (method.empty() || !http::all_are(method, http::kToken))
      node.fault("methods", '"' + method + "\" is no method", "a method such as GET");
  read_field_names(node, "fields", why_not_told, options.fields);
  read_field_names(node, "exposed", why_not_told, options.exposed);
  node.read("credentials", options.credentials);
  if (any && options.credentials)
    node.fault("credentials", "every page could then act for its visitors", "a list of origins");
  node.read("max_age", options.max_age, {std::chrono::seconds{0}, std::chrono::hours{24}});
  return std::make_shared<filters::Cors>(std::move(options));
}

FilterPointer read_compression(const ConfigNode& node, const FilterPlace&) {
  using filters::Coding;
  filters::CompressionOptions options;
  if (node.has("codings")) {
    options.codings.clear();
    std::vector<std::string> names;
    node.read("codings", names);
    for (const auto& name : names) {
      bool known = false;
      for (const auto coding : {Coding::Gzip, Coding::Zstd, Coding::Brotli}) {
        if (name != filters::name_of(coding)) continue;
        known = true;
        options.codings.push_back(coding);
      }
      if (!known) node.fault("codings", '"' + name + "\" is not known", "zstd, br, gzip");
    }
    if (options.codings.empty()) node.fault("codings", "it is empty", "zstd, br, gzip");
  }
  node.read("types", options.types);
  for (auto& type : options.types) {
    std::ranges::transform(type, type.begin(), http::to_lower);
    if (type.find('/') == std::string::npos || type.find(';') != std::string::npos)
      node.fault("types", '"' + type + "\" is no media type", "a type such as text/html");
  }
  common::Bytes size{options.min_size};
  node.read("min_size", size, {0, 1U << 30U});
  options.min_size = static_cast<std::size_t>(size.value);
  node.read("level", options.level, {1, 9});
  node.read("credentials", options.credentials);
  node.read("streams", options.streams, {1, 10'000});
  return std::make_shared<filters::Compression>(std::move(options));
}

}  // namespace lb::config
