#include "lb/config/filter_readers.hpp"
#include "lb/filters/address_rules.hpp"
#include "lb/filters/fixed_answer.hpp"
#include "lb/filters/rewrite.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <algorithm>
#include <array>

namespace lb::config {

using common::ConfigNode;

namespace {

filters::FieldEditOptions read_edits(const ConfigNode& node, WhyNot why_not, bool literal) {
  filters::FieldEditOptions edits;
  read_values(node, "set", why_not, literal, edits.set);
  read_values(node, "add", why_not, literal, edits.add);
  read_field_names(node, "remove", why_not, edits.remove);
  if (edits.empty()) node.fault("", "it changes nothing", "set, add or remove");
  return edits;
}

void read_host(const ConfigNode& node, std::string& host) {
  node.read("host", host);
  std::ranges::transform(host, host.begin(), http::to_lower);
  if (!host.empty() && (!http::is_authority(host) || http::host_of(host) != host))
    node.fault("host", '"' + host + "\" is no host name", "a host name without a port");
}

}  // namespace

FilterPointer read_addresses(const ConfigNode& node, const FilterPlace&) {
  filters::AddressOptions options;
  read_networks(node, "allow", options.allow);
  read_networks(node, "deny", options.deny);
  if (options.allow.empty() && options.deny.empty())
    node.fault("", "it allows and denies nothing", "networks under allow or deny");
  return std::make_shared<filters::AddressFilter>(options);
}

FilterPointer read_maintenance(const ConfigNode& node, const FilterPlace&) {
  filters::MaintenanceOptions options;
  node.read("enabled", options.enabled);
  node.read("file", options.file);
  read_networks(node, "allow", options.allow);
  node.read("retry_after", options.retry_after, {std::chrono::seconds{1}, std::chrono::hours{24}});
  read_file(node, "page_file", options.page);
  if (!node.has("enabled") && options.file.empty())
    node.fault("", "nothing switches it on", "enabled: true, or a file that does");
  return std::make_shared<filters::Maintenance>(std::move(options));
}

FilterPointer read_redirect(const ConfigNode& node, const FilterPlace&) {
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

FilterPointer read_rewrite(const ConfigNode& node, const FilterPlace&) {
  filters::RewriteOptions options;
  node.read("host", options.host);
  if (!options.host.empty() && !http::is_authority(options.host))
    node.fault("host", '"' + options.host + "\" is no host", "a host name, with a port if need be");
  read_path_change(node, options.path);
  if (options.host.empty() && options.path.keeps())
    node.fault("", "it changes nothing", "host, path, or prefix or regex with to");
  return std::make_shared<filters::Rewrite>(std::move(options));
}

FilterPointer read_answer(const ConfigNode& node, const FilterPlace&) {
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

FilterPointer read_request_fields(const ConfigNode& node, const FilterPlace&) {
  return std::make_shared<filters::FieldEdits>(
      read_edits(node, filters::why_not_in_requests, false), filters::FieldEditOptions{});
}

FilterPointer read_response_fields(const ConfigNode& node, const FilterPlace&) {
  return std::make_shared<filters::FieldEdits>(filters::FieldEditOptions{},
                                               read_edits(node, filters::why_not_in_answers, true));
}

}  // namespace lb::config
