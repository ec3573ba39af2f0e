#pragma once

#include "lb/config/readers.hpp"
#include "lb/filters/field_edits.hpp"

// What the readers of single filters share.

namespace lb::config {

using FilterPointer = std::shared_ptr<filters::Filter>;
using WhyNot = std::optional<std::string_view> (*)(std::string_view);

/// Where a filter stands.
struct FilterPlace {
  const Snapshot& snapshot;
  std::string owner;  // the name of its route, or of the site, and its number there
};

/// The content of the file that `key` names.
void read_file(const common::ConfigNode& node, std::string_view key, std::string& out);
/// Whether `name` may be changed; faults are told at `key`.
bool is_field_name(const common::ConfigNode& node, std::string_view key, std::string_view name,
                   WhyNot why_not);
void read_field_names(const common::ConfigNode& node, std::string_view key, WhyNot why_not,
                      std::vector<std::string>& out);
void read_values(const common::ConfigNode& node, std::string_view key, WhyNot why_not, bool literal,
                 std::vector<filters::FieldValue>& out);
/// Into `how` what `path`, `prefix` or `regex` of a filter say.
void read_path_change(const common::ConfigNode& node, filters::PathChange& how);

// read_plain_filters.cpp
FilterPointer read_addresses(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_maintenance(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_redirect(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_rewrite(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_answer(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_request_fields(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_response_fields(const common::ConfigNode& node, const FilterPlace& place);

// read_guard_filters.cpp
FilterPointer read_rate_limit(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_concurrency_limit(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_basic_auth(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_forward_auth(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_cors(const common::ConfigNode& node, const FilterPlace& place);
FilterPointer read_compression(const common::ConfigNode& node, const FilterPlace& place);

}  // namespace lb::config
