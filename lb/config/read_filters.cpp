#include "lb/config/filter_readers.hpp"
#include "lb/filters/error_pages.hpp"
#include "lb/http/characters.hpp"
#include "lb/http/target.hpp"

#include <array>
#include <fstream>

namespace lb::config {

using common::ConfigNode;

namespace {

constexpr std::size_t kMostFilters = 32;  // of the site, and of one route
constexpr std::size_t kMostErrorPages = 64;
constexpr std::size_t kMostFields = 64;
constexpr std::size_t kLongestValue = 1024;
constexpr std::size_t kLargestFile = 256 * 1024;

struct Kind {
  std::string_view name;
  FilterPointer (*read)(const ConfigNode&, const FilterPlace&);
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
    Kind{"rate_limit", read_rate_limit},
    Kind{"concurrency_limit", read_concurrency_limit},
    Kind{"basic_auth", read_basic_auth},
    Kind{"forward_auth", read_forward_auth},
    Kind{"cors", read_cors},
    Kind{"compression", read_compression},
};

/// 404, 4xx, 5xx.
common::Parsed<unsigned> parse_status(std::string_view text) {
  if (text == "4xx") return {4, ""};
  if (text == "5xx") return {5, ""};
  if (text.size() == 3 && http::all_are(text, http::kDigit) && (text[0] == '4' || text[0] == '5'))
    return {static_cast<unsigned>((text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0'),
            ""};
  return {std::nullopt, "a status from 400 to 599, 4xx or 5xx"};
}

}  // namespace

FilterList read_filters(const ConfigNode& node, const Snapshot& snapshot,
                        const std::string& owner) {
  FilterList list;
  std::size_t number = 0;
  for (const auto& item : node.items("filters", 0, kMostFilters)) {
    const FilterPlace place{snapshot, owner + '/' + std::to_string(++number)};
    std::size_t kinds = 0;
    for (const auto& kind : kKinds) {
      if (!item.has(kind.name)) continue;
      ++kinds;
      list.filters.push_back(kind.read(item.section(kind.name), place));
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

std::shared_ptr<const filters::ErrorPages> read_error_pages(const ConfigNode& node,
                                                            const filters::ErrorPages* site) {
  if (!node.has("error_pages")) return nullptr;
  auto pages = std::make_shared<filters::ErrorPages>();
  if (site != nullptr) *pages = *site;
  using Form = filters::ErrorPage::Form;
  for (const auto& item : node.items("error_pages", 1, kMostErrorPages)) {
    unsigned status = 5;
    if (!item.has("status")) item.fault("status", "this is missing", "a value");
    item.read_as("status", status, parse_status);
    if (!item.has("html_file") && !item.has("json_file"))
      item.fault("", "there is no page", "html_file or json_file");
    bool intercepts = false;
    item.read("intercept", intercepts);
    for (const auto& [key, form] :
         {std::pair{"html_file", Form::Html}, {"json_file", Form::Json}}) {
      if (!item.has(key)) continue;
      std::string text;
      read_file(item, key, text);
      auto page = filters::ErrorPage::parse(form, text);
      if (page)
        pages->add(status, form, std::move(*page), intercepts);
      else
        item.fault(key, page.error(), "status, reason, detail, code, request_id");
    }
  }
  return pages;
}

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

void read_field_names(const ConfigNode& node, std::string_view key, WhyNot why_not,
                      std::vector<std::string>& out) {
  std::vector<std::string> names;
  node.read(key, names);
  if (names.size() > kMostFields) node.fault(key, "there are too many", "at most 64");
  for (auto& name : names)
    if (is_field_name(node, key, name, why_not)) out.push_back(std::move(name));
}

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

}  // namespace lb::config
