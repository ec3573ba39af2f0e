#include "common/terminal_text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace common {
namespace {

using boost::json::value;

/// 2 for wide East Asian letters (UAX #11, the blocks that occur here), else 1.
std::size_t columns_of(std::uint32_t letter) {
  const bool wide =
      (letter >= 0x1100 && letter <= 0x115F) || (letter >= 0x2E80 && letter <= 0xA4CF) ||
      (letter >= 0xAC00 && letter <= 0xD7A3) || (letter >= 0xF900 && letter <= 0xFAFF) ||
      (letter >= 0xFE30 && letter <= 0xFE6F) || (letter >= 0xFF00 && letter <= 0xFF60);
  return wide ? 2 : 1;
}

}  // namespace

const value* json_at(const value& from, std::string_view pointer) {
  boost::system::error_code error;
  return from.find_pointer({pointer.data(), pointer.size()}, error);
}

std::string Paint::wrapped(const char* code, std::string_view text) const {
  if (!colour || text.empty()) return std::string{text};
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    if (!out.empty()) out += between;
    out += part;
  }
  return out;
}

std::string render_table(const std::vector<std::vector<std::string>>& rows,
                         std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    out += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0x1B) {
      while (i < text.size() && text[i] != 'm') ++i;
      ++i;
      continue;
    }
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t letter = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      letter = (letter << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    width += columns_of(letter);
    i += length;
  }
  return width;
}

std::string text_at(const value& from, std::string_view pointer) {
  const auto* const found = json_at(from, pointer);
  if (found == nullptr || !found->is_string()) return {};
  std::string out;
  for (const char c : found->get_string())
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out;
}

double number_at(const value& from, std::string_view pointer) {
  const auto* const found = json_at(from, pointer);
  if (found == nullptr || !found->is_number()) return 0;
  boost::system::error_code error;
  return found->to_number<double>(error);
}

bool flag_at(const value& from, std::string_view pointer) {
  const auto* const found = json_at(from, pointer);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const boost::json::array& array_at(const value& from, std::string_view pointer) {
  static const boost::json::array kNone;
  const auto* const found = json_at(from, pointer);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

std::string render_problem(const value& problem, const Paint& paint) {
  std::string out;
  const auto detail = text_at(problem, "/detail");
  if (!detail.empty()) out += detail + '\n';
  for (const auto& fault : array_at(problem, "/faults"))
    out += "  " + text_at(fault, "/where") + ": " + paint.bad(text_at(fault, "/wrong")) +
           ", expected " + text_at(fault, "/right") + '\n';
  return out;
}

}  // namespace common
