#include "common/address.hpp"
#include "lb/filters/field_edits.hpp"
#include "lb/http/target.hpp"
#include "lb/import/site.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace lb::import {
namespace {

constexpr std::uint64_t kMostRequests = 1'000'000;

bool covers(const common::PrefixedAddress& wide, const common::PrefixedAddress& narrow) {
  return wide.prefix <= narrow.prefix && wide.contains(narrow.ip);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + quoted(word);
  return '[' + out + ']';
}

/// nginx takes the first that fits, lbd the longest: what an earlier one covers never counted.
std::string address_filter(const Scope& scope, Site& site) {
  std::vector<common::PrefixedAddress> seen;
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  bool open = true;  // to whom nothing fits
  bool ended = false;
  for (const auto* rule : scope.all({"allow", "deny"})) {
    const bool allows = rule->name == "allow";
    const auto word = rule->argument(0);
    if (word == "all" && !ended) {
      open = allows;
      ended = true;
      site.notes.became(*rule, "a filter `addresses`");
      continue;
    }
    const auto network = common::PrefixedAddress::parse(word);
    if (!network) {
      if (!allows) open = false;
      site.notes.left_out(*rule, "this is no address");
    } else if (ended || std::any_of(seen.begin(), seen.end(),
                                    [&](const auto& wide) { return covers(wide, *network); })) {
      site.notes.itself(*rule, "what stands before it covers it");
    } else if (seen.size() >= kMostNetworks / 2) {
      open = false;
      site.notes.left_out(*rule, "there are too many; what is not listed is kept out");
    } else {
      seen.push_back(*network);
      (allows ? allow : deny).push_back(network->to_string());
      site.notes.became(*rule, "a filter `addresses`");
    }
  }
  if (allow.empty() && deny.empty() && open) return "";
  if (!open && allow.empty()) return kClosed;
  if (open && !allow.empty()) allow.insert(allow.end(), {"0.0.0.0/0", "::/0"});
  std::string out = "{addresses: {";
  if (!allow.empty()) out += "allow: " + joined(allow) + (deny.empty() ? "" : ", ");
  if (!deny.empty()) out += "deny: " + joined(deny);
  return out + "}}";
}

/// `zone=one` among the words; empty without it.
std::string word_of(const Directive& directive, const std::string& key) {
  for (const auto& word : directive.arguments)
    if (word.starts_with(key)) return word.substr(key.size());
  return "";
}

std::string rate_filter(const Directive& limit, Site& site) {
  const auto zone = word_of(limit, "zone=");
  const auto found = site.rate_zones.find(zone);
  if (found == site.rate_zones.end() || !is_token(zone)) {
    site.notes.left_out(limit, "its zone is not known");
    return "";
  }
  const auto& definition = *found->second;
  const auto key = client_key(definition.argument(0));
  const auto rate = word_of(definition, "rate=");
  const auto slash = rate.find("r/");
  const auto requests = octets_of(rate.substr(0, slash));
  if (!key || slash == rate.npos || !requests || *requests == 0 || *requests > kMostRequests) {
    site.notes.left_out(definition, "lbd counts by address, field or cookie");
    site.notes.left_out(limit, "its zone was left out");
    return "";
  }
  const auto burst = octets_of(word_of(limit, "burst=")).value_or(0) + 1;
  site.notes.became(definition, "the rate of `rate_limit` " + zone);
  site.notes.became(limit, "a filter `rate_limit`; what nginx would delay is answered 429 at once");
  return "{rate_limit: {name: " + quoted(zone) + ", requests: " + std::to_string(*requests) +
         ", per: " + (rate.substr(slash) == "r/m" ? "1m" : "1s") +
         ", burst: " + std::to_string(std::min(burst, kMostRequests)) + ", key: " + *key + "}}";
}

std::string connection_filter(const Directive& limit, Site& site) {
  const auto zone = limit.argument(0);
  const auto found = site.connection_zones.find(zone);
  const auto most = octets_of(limit.argument(1));
  const auto key =
      found == site.connection_zones.end() ? std::nullopt : client_key(found->second->argument(0));
  if (!key || !is_token(zone) || !most || *most == 0 || *most > kMostRequests) {
    site.notes.left_out(limit, "lbd counts by address, field or cookie, at least 1");
    return "";
  }
  site.notes.became(*found->second, "the key of `concurrency_limit` " + zone);
  site.notes.became(limit, "a filter `concurrency_limit`");
  return "{concurrency_limit: {name: " + quoted(zone) + ", requests: " + std::to_string(*most) +
         ", key: " + *key + ", status: 503}}";
}

/// Hashes that can be turned back quickly are refused by lbd; then nobody comes in.
bool is_usable_password_file(const std::string& text) {
  constexpr std::array<std::string_view, 6> kKinds{"$argon2id$", "$2b$", "$2y$",
                                                   "$y$",        "$5$",  "$6$"};
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return false;
    const auto hash = line.substr(colon + 1);
    any = std::any_of(kKinds.begin(), kKinds.end(),
                      [&hash](std::string_view kind) { return hash.starts_with(kind); });
    if (!any) return false;
  }
  return any;
}

std::string auth_filter(const Scope& scope, const Files& files, Site& site) {
  const auto* const realm = scope.last("auth_basic");
  if (realm == nullptr) return "";
  if (realm->argument(0) == "off") {
    site.notes.became(*realm, "a route without `basic_auth`");
    return "";
  }
  const auto* const file = scope.last("auth_basic_user_file");
  const auto text =
      file != nullptr ? files.read(file->argument(0), 256U * 1024U) : std::optional<std::string>{};
  auto name = realm->argument(0);
  std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
  if (!is_value(name)) name = "restricted";
  if (!text || !is_usable_password_file(*text)) {
    const auto* const why =
        "closed to everybody: lbd needs a file that it can read, with hashes of bcrypt, yescrypt, "
        "SHA-crypt or argon2id (`htpasswd -B`)";
    site.notes.left_out(*realm, why);
    if (file != nullptr) site.notes.left_out(*file, why);
    return kClosed;
  }
  site.notes.became(*realm, "a filter `basic_auth`");
  site.notes.became(*file, "its users_file");
  return "{basic_auth: {realm: " + quoted(name) + ", users_file: " + quoted(file->argument(0)) +
         "}}";
}

/// Another server decides who comes in; what it is asked and what becomes of its answer is spread
/// over more directives than can be followed.
std::string permission_filter(const Scope& scope, Site& site) {
  const auto* const ask = scope.last("auth_request");
  if (ask == nullptr) return "";
  if (ask->argument(0) == "off") {
    site.notes.became(*ask, "a route without `forward_auth`");
    return "";
  }
  site.notes.left_out(*ask, "closed to everybody: `forward_auth` asks an upstream for permission");
  return kClosed;
}

std::string compression_filter(const Scope& scope, Site& site) {
  const auto* const gzip = scope.last("gzip");
  if (gzip == nullptr) return "";
  if (gzip->argument(0) != "on") {
    site.notes.became(*gzip, "a route without `compression`");
    return "";
  }
  std::string more;
  if (const auto* const types = scope.last("gzip_types")) {
    std::vector<std::string> words{"text/html"};  // always, says nginx
    for (const auto& word : types->arguments)
      if (word.find('/') != word.npos && word.find(';') == word.npos && is_value(word) &&
          word != "text/html")
        words.push_back(word);
    if (types->argument(0) != "*") more += "types: " + joined(words) + ", ";
    site.notes.became(*types, "`types` of `compression`");
  }
  if (const auto* const least = scope.last("gzip_min_length"))
    if (const auto size = octets_of(least->argument(0)); size && *size <= (1U << 30U)) {
      more += "min_size: " + std::to_string(*size) + ", ";
      site.notes.became(*least, "`min_size` of `compression`");
    }
  if (const auto* const level = scope.last("gzip_comp_level"))
    if (const auto number = octets_of(level->argument(0)); number && *number >= 1 && *number <= 9) {
      more += "level: " + std::to_string(*number) + ", ";
      site.notes.became(*level, "`level` of `compression`");
    }
  for (const char* name : {"gzip_vary", "gzip_proxied", "gzip_http_version", "gzip_disable",
                           "gzip_buffers", "gzip_static"})
    if (const auto* const known = scope.last(name)) site.notes.itself(*known);
  if (more.ends_with(", ")) more.resize(more.size() - 2);
  site.notes.became(*gzip, "a filter `compression`");
  return "{compression: {" + more + "}}";
}

bool is_forwarding(const std::string& name) {
  constexpr std::array<std::string_view, 13> kNames{
      "x-forwarded-for",  "x-forwarded-host",  "x-forwarded-proto",
      "x-forwarded-port", "x-request-id",      "forwarded",
      "connection",       "upgrade",           "via",
      "content-length",   "transfer-encoding", "te",
      "trailer"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A name stands once in a mapping: what is there twice takes a filter more.
void add_edits(const std::string& kind, const std::string& verb, Pairs pairs,
               const std::vector<std::string>& remove, std::vector<std::string>& out) {
  auto removal = remove.empty() ? std::string{} : "remove: " + joined(remove);
  while (!pairs.empty() || !removal.empty()) {
    std::set<std::string> names;
    std::string values;
    Pairs rest;
    for (auto& pair : pairs) {
      if (!names.insert(lower(pair.first)).second) {
        rest.push_back(std::move(pair));
        continue;
      }
      values += (values.empty() ? "" : ", ") + quoted(pair.first) + ": " + quoted(pair.second);
    }
    out.push_back('{' + kind + ": {" + (values.empty() ? "" : verb + ": {" + values + '}') +
                  (values.empty() || removal.empty() ? "" : ", ") + removal + "}}");
    removal.clear();
    pairs = std::move(rest);
  }
}

bool is_field_name(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

}  // namespace

std::vector<std::string> guard_filters(const Scope& scope, const Files& files, Site& site) {
  std::vector<std::string> out;
  const auto add = [&out](std::string filter) {
    if (!filter.empty()) out.push_back(std::move(filter));
  };
  add(address_filter(scope, site));
  for (const auto* limit : scope.all({"limit_req"})) add(rate_filter(*limit, site));
  for (const auto* limit : scope.all({"limit_conn"})) add(connection_filter(*limit, site));
  for (const char* name : {"limit_req_status", "limit_req_log_level", "limit_conn_status",
                           "limit_conn_log_level", "limit_req_dry_run"})
    if (const auto* const known = scope.last(name))
      site.notes.itself(*known, "429 for a rate, 503 for concurrency, and a metric for each");
  add(auth_filter(scope, files, site));
  add(permission_filter(scope, site));
  return out;
}

std::vector<std::string> proxy_filters(const Scope& scope, const std::string& authority,
                                       Site& site) {
  std::vector<std::string> out;
  if (auto filter = compression_filter(scope, site); !filter.empty())
    out.push_back(std::move(filter));
  Pairs set;
  std::vector<std::string> remove;
  bool sends_host = false;
  for (const auto* field : scope.all({"proxy_set_header"})) {
    const auto name = lower(field->argument(0));
    const auto value = field->argument(1);
    if (name == "host") {
      sends_host = true;
      if (value == "$host" || value == "$http_host") {
        site.notes.itself(*field, "lbd sends the client's Host");
      } else if (value.find('$') == value.npos && http::is_authority(value)) {
        out.push_back("{rewrite: {host: " + quoted(value) + "}}");
        site.notes.became(*field, "a filter `rewrite` with host");
      } else if (value == "$proxy_host") {
        sends_host = false;
        site.notes.became(*field, "a filter `rewrite` with host");
      } else {
        site.notes.left_out(*field, "lbd sends the client's Host, or one fixed name");
      }
    } else if (is_forwarding(name)) {
      site.notes.itself(*field, "lbd sets what it forwards for, and upgrades, by itself");
    } else if (!is_field_name(name)) {
      site.notes.left_out(*field, "this is no field name");
    } else if (value.empty() && !filters::why_not_in_requests(name)) {
      remove.push_back(field->argument(0));
      site.notes.became(*field, "`remove` of `request_fields`");
    } else if (filters::why_not_in_requests(name) || !is_value(value)) {
      site.notes.left_out(*field, "lbd writes it itself, or it is no value");
    } else if (const auto text = with_places(value); text && is_value(*text)) {
      set.emplace_back(field->argument(0), *text);
      site.notes.became(*field, "`set` of `request_fields`");
    } else {
      site.notes.left_out(*field, "lbd has no such variable");
    }
  }
  if (!sends_host && http::is_authority(authority))
    out.push_back("{rewrite: {host: " + quoted(authority) + "}}");
  add_edits("request_fields", "set", std::move(set), remove, out);
  return out;
}

std::vector<std::string> answer_filters(const Scope& scope, Site& site) {
  std::vector<std::string> out;
  Pairs add;
  std::vector<std::string> hide;
  for (const auto* field : scope.all({"add_header"})) {
    const auto name = lower(field->argument(0));
    const auto value = field->argument(1);
    if (name == "content-type") {
      site.notes.itself(*field, "an endpoint says what it sends; an `answer` has content_type");
      continue;
    }
    if (!is_field_name(name) || is_forwarding(name) || filters::why_not_in_answers(name) ||
        !is_value(value) || value.find('$') != value.npos) {
      site.notes.left_out(*field, "lbd writes it, or its value changes, which it cannot in lbd");
      continue;
    }
    add.emplace_back(field->argument(0), value);
    site.notes.became(*field, "`add` of `response_fields`, for every status");
  }
  for (const auto* field : scope.all({"proxy_hide_header"})) {
    const auto name = lower(field->argument(0));
    if (!is_field_name(name) || filters::why_not_in_answers(name)) continue;
    hide.push_back(field->argument(0));
    site.notes.became(*field, "`remove` of `response_fields`");
  }
  add_edits("response_fields", "add", std::move(add), hide, out);
  return out;
}

}  // namespace lb::import
