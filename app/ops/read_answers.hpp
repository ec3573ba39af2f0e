#pragma once

#include "app/ops/overview.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace booking::ops {

// Foreign JSON and text, read without trust: what is not there or another type is nothing.

std::string text_of(const boost::json::value& object, std::string_view key);
const boost::json::array* array_of(const boost::json::value& value, std::string_view key);
bool truth_of(const boost::json::value& object, std::string_view key);

/// The value of a sample in the Prometheus text format; `series` with its labels as they stand
/// there: `mainstay_backup_exit_code{command="drill"}`.
std::optional<double> sample_of(std::string_view text, std::string_view series);
/// The largest value of all samples whose name is `name`.
std::optional<double> largest_sample(std::string_view text, std::string_view name);

}  // namespace booking::ops
