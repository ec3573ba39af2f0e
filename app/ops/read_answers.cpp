#include "app/ops/read_answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdlib>

namespace booking::ops {
namespace {

namespace json = boost::json;

const json::value* member(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
}

/// Calls `use` with name-with-labels and value of each sample.
template <class Use>
void each_sample(std::string_view text, Use use) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto close = line.rfind('}');
    const auto blank = line.find(' ', close == std::string_view::npos ? 0 : close);
    if (blank == std::string_view::npos) continue;
    const std::string number{line.substr(blank + 1)};
    char* stop = nullptr;
    const double value = std::strtod(number.c_str(), &stop);
    if (stop != number.c_str()) use(line.substr(0, blank), value);
  }
}

}  // namespace

std::string text_of(const json::value& object, std::string_view key) {
  const auto* found = member(object, key);
  const auto* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

const json::array* array_of(const json::value& value, std::string_view key) {
  const auto* found = member(value, key);
  return found == nullptr ? nullptr : found->if_array();
}

bool truth_of(const json::value& object, std::string_view key) {
  const auto* found = member(object, key);
  const auto* truth = found == nullptr ? nullptr : found->if_bool();
  return truth != nullptr && *truth;
}

std::optional<double> sample_of(std::string_view text, std::string_view series) {
  std::optional<double> found;
  each_sample(text, [&](std::string_view name, double value) {
    if (name == series) found = value;
  });
  return found;
}

std::optional<double> largest_sample(std::string_view text, std::string_view name) {
  std::optional<double> found;
  each_sample(text, [&](std::string_view series, double value) {
    if (series.substr(0, series.find('{')) == name) found = std::max(found.value_or(value), value);
  });
  return found;
}

}  // namespace booking::ops
