#include "lb/config/readers.hpp"
#include "lb/filters/address_rules.hpp"
#include "lb/filters/field_edits.hpp"
#include "lb/filters/fixed_answer.hpp"
#include "lb/filters/rewrite.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace lb::config {
namespace {

using common::ConfigNode;

constexpr std::size_t kMostFilters = 32;  // of the site, and of one route
constexpr std::size_t kMostFields = 64;
constexpr std::size_t kLongestValue = 1024;
constexpr std::size_t kLargestFile = 256 * 1024;

void read_file(const ConfigNode& node, std::string_view key, std::string& out) {
  std::string path;
  node.read(key, path);
  if (path.empty()) return;
  std::ifstream file{path, std::ios::binary};
  std::string text(kLargestFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad())
    node.fault(key, '"' + path + "\" cannot be read", "a readable file");
  else if (text.size() > kLargestFile)
    node.fault(key, '"' + path + "\" is too large", "at most 256KiB");
  else
    out = std::move(text);
}

using WhyNot = std::optional<std::string_view> (*)(std::string_view);

bool is_field_name(const ConfigNode& node, std::string_view key, std::string_view name,
                   WhyNot why_not) {
  if (name.empty() || !http::all_are(name, http::kToken)) {
    node.fault(key, '"' + std::string{name} + "\" is no field name",
               "a name such as X-Frame-Options");
    return false;
  }
  if (const auto why = why_not(name)) {
    node.fault(key, std::string{name} + " cannot be changed: " + std::string{*why},
               "another field");
    return false;
  }
  return true;
}

void read_values(const ConfigNode& node, std::string_view key, WhyNot why_not, bool literal,
                 std::vector<filters::FieldValue>& out) {
  const auto values = node.section(key);
  for (const auto& name : node.names(key, kMostFields)) {
    std::string value;
    values.read(name, value);
    if (!is_field_name(values, name, name, why_not)) continue;
    if (value.size() > kLongestValue || !http::all_are(value, http::kFieldValue)) {
      values.fault(name, "this is no field value", "up to 1024 octets without line breaks");
      continue;
    }
    auto parsed = filters::TextTemplate::parse(value);
    if (!parsed)
      values.fault(name, parsed.error(), "client, host, method, path, query, scheme, request_id");
    else if (literal && !parsed->is_literal())
      values.fault(name, "an answer knows nothing of its request", "a value without ${…}");
    else
      out.push_back({name, std::move(*parsed)});
  }
}

filters::FieldEditOptions read_edits(const ConfigNode& node, WhyNot why_not, bool literal) {
  filters::FieldEditOptions edits;
  read_values(node, "set", why_not, literal, edits.set);
  read_values(node, "add", why_not, literal, edits.add);
  std::vector<std::string> remove;
  node.read("remove", remove);
  for (auto& name : remove)
    if (is_field_name(node, "remove", name, why_not)) edits.remove.push_back(std::move(name));
  if (edits.empty()) node.fault("", "it changes nothing", "set, add or remove");
  return edits;
}

void read_host(const ConfigNode& node, std::string& host) {
  node.read("host", host);
  std::ranges::transform(host, host.begin(), http::to_lower);
  if (!host.empty() && (!http::is_authority(host) || http::host_of(host) != host))
    node.fault("host", '"' + host + "\" is no host name", "a host name without a port");
}

std::shared_ptr<filters::Filter> read_addresses(const ConfigNode& node) {
  filters::AddressOptions options;
  read_networks(node, "allow", options.allow);
  read_networks(node, "deny", options.deny);
  if (options.allow.empty() && options.deny.empty())
    node.fault("", "it allows and denies nothing", "networks under allow or deny");
  return std::make_shared<filters::AddressFilter>(options);
}

std::shared_ptr<filters::Filter> read_maintenance(const ConfigNode& node) {
  filters::MaintenanceOptions options;
  node.read("enabled", options.enabled);
  node.read("file", options.file);
  read_networks(node, "allow", options.allow);
  node.read("retry_after", options.retry_after, {std::chrono::seconds{1}, std::chrono::hours{24}});
  read_file(node, "page", options.page);
  if (!node.has("enabled") && options.file.empty())
    node.fault("", "nothing switches it on", "enabled: true, or a file that does");
  return std::make_shared<filters::Maintenance>(std::move(options));
}

std::shared_ptr<filters::Filter> read_redirect(const ConfigNode& node) {
  filters::RedirectOptions options;
  node.read("status", options.status, {300, 399});
  static constexpr std::array kStatuses{301U, 302U, 303U, 307U, 308U};
  if (std::ranges::find(kStatuses, options.status) == kStatuses.end())
    node.fault("status", std::to_string(options.status) + " is no redirection of a client",
               "301, 302, 303, 307 or 308");
  node.read_choice("scheme", options.scheme, {{"http", std::string{"http"}}, {"https", "https"}});
  read_host(node, options.host);
  node.read("port", options.port, {1, 65535});
  read_path_change(node, options.path);
  node.read_choice("query", options.keep_query, {{"keep", true}, {"drop", false}});
  if (options.scheme.empty() && options.host.empty() && options.path.keeps())
    node.fault("", "it leads nowhere", "scheme, host, path, or prefix or regex with to");
  return std::make_shared<filters::Redirect>(std::move(options));
}

std::shared_ptr<filters::Filter> read_rewrite(const ConfigNode& node) {
  filters::RewriteOptions options;
  node.read("host", options.host);
  if (!options.host.empty() && !http::is_authority(options.host))
    node.fault("host", '"' + options.host + "\" is no host", "a host name, with a port if need be");
  read_path_change(node, options.path);
  if (options.host.empty() && options.path.keeps())
    node.fault("", "it changes nothing", "host, path, or prefix or regex with to");
  return std::make_shared<filters::Rewrite>(std::move(options));
}

std::shared_ptr<filters::Filter> read_answer(const ConfigNode& node) {
  filters::AnswerOptions options;
  node.read("status", options.status, {200, 599});
  node.read("content_type", options.content_type);
  if (options.content_type.empty() || !http::all_are(options.content_type, http::kFieldValue))
    node.fault("content_type", "this is no media type", "a type such as text/html; charset=utf-8");
  node.read("body", options.content);
  if (node.has("body") && node.has("body_file"))
    node.fault("body_file", "the body is given already", "body or body_file");
  read_file(node, "body_file", options.content);
  if (!options.content.empty() && (options.status == 204 || options.status == 304))
    node.fault("body", "an answer of this status has none", "no body, or another status");
  std::vector<filters::FieldValue> fields;
  read_values(node, "fields", filters::why_not_in_answers, true, fields);
  for (const auto& field : fields) options.fields.emplace_back(field.name, field.value.literal());
  return std::make_shared<filters::FixedAnswer>(std::move(options));
}

std::shared_ptr<filters::Filter> read_request_fields(const ConfigNode& node) {
  return std::make_shared<filters::FieldEdits>(
      read_edits(node, filters::why_not_in_requests, false), filters::FieldEditOptions{});
}

std::shared_ptr<filters::Filter> read_response_fields(const ConfigNode& node) {
  return std::make_shared<filters::FieldEdits>(filters::FieldEditOptions{},
                                               read_edits(node, filters::why_not_in_answers, true));
}

struct Kind {
  std::string_view name;
  std::shared_ptr<filters::Filter> (*read)(const ConfigNode&);
  bool answers{false};
};
constexpr std::array kKinds{
    Kind{"addresses", read_addresses},
    Kind{"maintenance", read_maintenance},
    Kind{"redirect", read_redirect, true},
    Kind{"rewrite", read_rewrite},
    Kind{"answer", read_answer, true},
    Kind{"request_fields", read_request_fields},
    Kind{"response_fields", read_response_fields},
};

}  // namespace

void read_path_change(const ConfigNode& node, filters::PathChange& how) {
  using filters::PathChange;
  std::string path;
  std::string prefix;
  std::string regex;
  std::string to;
  read_path(node, "path", path);
  read_path(node, "prefix", prefix);
  node.read("regex", regex);
  const int rules = int{node.has("path")} + int{node.has("prefix")} + int{node.has("regex")};
  if (rules > 1) node.fault("", "there are several rules for the path", "path, prefix or regex");
  if (node.has("to") != (node.has("prefix") || node.has("regex")))
    node.fault("to", "prefix or regex, and what it becomes, stand together",
               "prefix or regex, and to");
  if (node.has("prefix")) read_path(node, "to", to);
  if (node.has("regex")) {
    node.read("to", to);
    auto pattern = routing::Pattern::compile(regex);
    if (!pattern) {
      node.fault("regex", "it cannot be compiled: " + pattern.error(),
                 "a regular expression of RE2, such as ^/v([0-9]+)/");
      return;
    }
    if (const auto wrong = pattern->fault_of(to))
      node.fault("to", *wrong, "\\0 to \\9, as far as the expression has groups");
    how = PathChange{PathChange::Match{std::move(*pattern), std::move(to)}};
  } else if (node.has("prefix")) {
    how = PathChange{PathChange::Prefix{std::move(prefix), std::move(to)}};
  } else if (node.has("path")) {
    how = PathChange{PathChange::Whole{std::move(path)}};
  }
}

void read_path(const ConfigNode& node, std::string_view key, std::string& out) {
  node.read(key, out);
  if (!node.has(key)) return;
  if (!out.starts_with('/') || out.find('?') != std::string::npos ||
      !http::parse_target(out, false))
    node.fault(key, '"' + out + "\" is no path", "a path such as /api");
}

FilterList read_filters(const ConfigNode& node, const Snapshot&) {
  FilterList list;
  for (const auto& item : node.items("filters", 0, kMostFilters)) {
    std::size_t kinds = 0;
    for (const auto& kind : kKinds) {
      if (!item.has(kind.name)) continue;
      ++kinds;
      list.filters.push_back(kind.read(item.section(kind.name)));
      list.answers = list.answers || kind.answers;
    }
    if (kinds != 1) {
      std::string names = "one of";
      for (const auto& kind : kKinds) names.append(names.size() > 6 ? ", " : " ").append(kind.name);
      item.fault("", kinds == 0 ? "this is no filter" : "these are several filters", names);
    }
  }
  return list;
}

}  // namespace lb::config
