#include "app/records/csv.hpp"

#include "common/contract.hpp"

namespace booking::records {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool looks_like_a_formula(std::string_view cell) {
  const auto first = cell.find_first_not_of(" \"'\r\n");
  if (first == std::string_view::npos) return false;
  if (std::string_view{"=+-@\t"}.find(cell[first]) != std::string_view::npos) return true;
  // Full-width signs, which Korean and Japanese spreadsheets take for the same.
  for (const std::string_view sign : {"＝", "＋", "－", "＠"})
    if (cell.substr(first).starts_with(sign)) return true;
  return false;
}

std::string quoted(const std::string& cell) {
  std::string out{"\""};
  if (looks_like_a_formula(cell)) out += '\'';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

}  // namespace

Csv::Csv(const std::vector<std::string_view>& heads)
    : columns_{heads.size()}, text_{kByteOrderMark} {
  line({heads.begin(), heads.end()});
}

void Csv::add(const std::vector<std::string>& cells) {
  common::expects(cells.size() == columns_, "a line has a cell for each head");
  line(cells);
}

void Csv::line(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text_ += ',';
    text_ += quoted(cells[i]);
  }
  text_ += "\r\n";
}

}  // namespace booking::records
