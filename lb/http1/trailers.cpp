#include "lb/http1/trailers.hpp"

#include "lb/http/trailers.hpp"
#include "lb/http1/field_lines.hpp"

namespace lb::http1 {

std::string passable_trailers(std::string_view section) {
  std::string out;
  for (std::size_t at = 0; at < section.size();) {
    const auto line = next_line(section, at);
    if (!line || !*line || (*line)->text.empty()) break;
    const auto field = parse_field_line((*line)->text);
    if (field && http::may_be_trailer(field->name))
      out.append(field->name).append(": ").append(field->value).append("\r\n");
    at = (*line)->next;
  }
  return out;
}

}  // namespace lb::http1
