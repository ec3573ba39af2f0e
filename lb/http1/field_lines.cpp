#include "lb/http1/field_lines.hpp"

#include "lb/http/characters.hpp"

namespace lb::http1 {

Result<std::optional<Line>> next_line(std::string_view octets, std::size_t from) {
  const auto feed = octets.find('\n', from);
  if (feed == std::string_view::npos) return std::optional<Line>{};
  if (feed == from || octets[feed - 1] != '\r') return Errc::BareLineEnding;
  return std::optional<Line>{Line{octets.substr(from, feed - 1 - from), feed + 1}};
}

Result<http::Field> parse_field_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return Errc::FoldedField;  // RFC 9112 §5.2
  std::size_t colon = 0;
  while (colon < line.size() && http::is(line[colon], http::kToken)) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') return Errc::BadField;
  http::Field field;
  field.name = line.substr(0, colon);
  field.value = line.substr(colon + 1);
  if (!http::all_are(field.value, http::kFieldValue)) return Errc::BadField;
  field.value = http::trim(field.value);
  field.id = http::identify(field.name);
  return field;
}

}  // namespace lb::http1
