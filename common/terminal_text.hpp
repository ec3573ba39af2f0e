#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace common {

/// Text for a terminal, made of what an operator's door says as JSON. Whatever came from a client
/// or a file is stripped of control characters: it must not steer the terminal.
struct Paint {
  bool colour{false};
  std::string good(std::string_view text) const { return wrapped("32", text); }
  std::string warn(std::string_view text) const { return wrapped("33", text); }
  std::string bad(std::string_view text) const { return wrapped("31", text); }
  std::string dim(std::string_view text) const { return wrapped("2", text); }
  std::string bold(std::string_view text) const { return wrapped("1", text); }

 private:
  std::string wrapped(const char* code, std::string_view text) const;
};

/// Rows of cells under each other, two blanks between columns; escape sequences take no room.
std::string render_table(const std::vector<std::vector<std::string>>& rows,
                         std::string_view indent);
/// Columns that `text` takes on a terminal: escapes none, Korean letters and their like two.
std::size_t width_of(std::string_view text);

// What may be missing is empty, or zero.
std::string text_at(const boost::json::value& from, std::string_view pointer);
double number_at(const boost::json::value& from, std::string_view pointer);
bool flag_at(const boost::json::value& from, std::string_view pointer);
const boost::json::array& array_at(const boost::json::value& from, std::string_view pointer);
/// Null when there is nothing.
const boost::json::value* json_at(const boost::json::value& from, std::string_view pointer);

/// Those that are not empty.
std::string joined(const std::vector<std::string>& parts, std::string_view between);

/// The sentence of a problem (RFC 9457), and its faults, each on a line.
std::string render_problem(const boost::json::value& problem, const Paint& paint);

}  // namespace common
