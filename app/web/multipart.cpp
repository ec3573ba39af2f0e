#include "app/web/multipart.hpp"

#include <algorithm>

namespace booking::web {
namespace {

constexpr std::size_t kLongestBoundary = 70;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The next `; name="value"` of a field's parameters; false when what is there is none.
struct Parameter {
  std::string_view name;
  std::string_view value;
};
std::optional<Parameter> next_parameter(std::string_view& text) {
  text = trimmed(text);
  if (!text.starts_with(';')) return std::nullopt;
  text = trimmed(text.substr(1));
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Parameter found{trimmed(text.substr(0, equals)), {}};
  text.remove_prefix(equals + 1);
  if (text.starts_with('"')) {
    // Browsers write %22 for a quotation mark in a name (HTML, multipart/form-data encoding).
    const auto close = text.find('"', 1);
    if (close == std::string_view::npos) return std::nullopt;
    found.value = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    const auto end = std::min(text.find(';'), text.size());
    found.value = trimmed(text.substr(0, end));
    text.remove_prefix(end);
  }
  return found;
}

struct PartHead {
  std::string_view name;
  bool is_file{false};
};

std::optional<PartHead> read_disposition(std::string_view value) {
  const auto semicolon = std::min(value.find(';'), value.size());
  if (!iequals(trimmed(value.substr(0, semicolon)), "form-data")) return std::nullopt;
  value.remove_prefix(semicolon);
  PartHead head;
  while (!trimmed(value).empty()) {
    const auto parameter = next_parameter(value);
    if (!parameter) return std::nullopt;
    if (iequals(parameter->name, "name")) head.name = parameter->value;
    if (iequals(parameter->name, "filename") || iequals(parameter->name, "filename*"))
      head.is_file = true;
  }
  if (head.name.empty()) return std::nullopt;
  return head;
}

std::optional<PartHead> read_head(std::string_view lines) {
  std::optional<PartHead> head;
  while (!lines.empty()) {
    const auto end = std::min(lines.find("\r\n"), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    if (!iequals(line.substr(0, colon), "Content-Disposition")) continue;
    if (head) return std::nullopt;
    head = read_disposition(line.substr(colon + 1));
    if (!head) return std::nullopt;
  }
  return head;
}

}  // namespace

std::string_view boundary_of(std::string_view content_type) {
  const auto semicolon = std::min(content_type.find(';'), content_type.size());
  if (!iequals(trimmed(content_type.substr(0, semicolon)), "multipart/form-data")) return {};
  content_type.remove_prefix(semicolon);
  while (const auto parameter = next_parameter(content_type)) {
    if (!iequals(parameter->name, "boundary")) continue;
    const bool usable =
        !parameter->value.empty() && parameter->value.size() <= kLongestBoundary &&
        std::ranges::all_of(parameter->value, [](char c) { return c > ' ' && c < '\x7f'; });
    return usable ? parameter->value : std::string_view{};
  }
  return {};
}

std::optional<Multipart> read_multipart(std::string_view body, std::string_view boundary) {
  if (boundary.empty()) return std::nullopt;
  const auto dash = std::string{"--"}.append(boundary);
  const auto delimiter = "\r\n" + dash;
  if (!body.starts_with(dash)) return std::nullopt;
  body.remove_prefix(dash.size());
  Multipart form;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) return std::nullopt;
    body.remove_prefix(2);
    const auto head_end = body.substr(0, Multipart::kLargestHead).find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::nullopt;
    const auto head = read_head(body.substr(0, head_end));
    body.remove_prefix(head_end + 4);
    const auto end = body.find(delimiter);
    if (!head || end == std::string_view::npos) return std::nullopt;
    const auto content = body.substr(0, end);
    body.remove_prefix(end + delimiter.size());
    if (head->is_file) {
      if (content.empty()) continue;
      if (form.files.size() == Multipart::kMostFiles) return std::nullopt;
      form.files.push_back({std::string{head->name}, content});
    } else if (content.size() > Multipart::kLargestText || !form.fields.add(head->name, content)) {
      return std::nullopt;
    }
  }
  return form;
}

}  // namespace booking::web
