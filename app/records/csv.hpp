#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace booking::records {

/// RFC 4180 as Excel opens it right: UTF-8 with a byte order mark, lines ended by CR LF.
class Csv {
 public:
  explicit Csv(const std::vector<std::string_view>& heads);

  /// As many cells as there are heads. A cell that a spreadsheet would take for a formula
  /// (CWE-1236: it begins with = + - @ or a tab, whatever blanks or quotes stand before) gets an
  /// apostrophe in front: it is shown, never computed.
  void add(const std::vector<std::string>& cells);
  const std::string& text() const { return text_; }

 private:
  void line(const std::vector<std::string>& cells);

  std::size_t columns_;
  std::string text_;
};

}  // namespace booking::records
