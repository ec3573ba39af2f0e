#include "app/web/client/client_files.hpp"

#include "app/web/client/client_data.hpp"

#include <algorithm>
#include <string>

namespace booking::client {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether a weight says "not at all": `;q=0`, `;q=0.000`.
bool is_refused(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const auto weight = trimmed(parameters.substr(at + 2));
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool accepts(std::string_view list, std::string_view coding) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const auto entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const auto semicolon = std::min(entry.find(';'), entry.size());
    if (trimmed(entry.substr(0, semicolon)) == coding) return !is_refused(entry.substr(semicolon));
  }
  return false;
}

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".woff2")) return "font/woff2";
  return "text/html; charset=utf-8";
}

std::optional<File> find(std::string_view name, std::string_view accept_encoding) {
  const auto files = stored_files();
  const auto found = std::ranges::find(files, name, &Stored::name);
  if (found == files.end()) return std::nullopt;
  const auto coding = choose_coding(accept_encoding);
  const auto content = coding == "br"     ? found->brotli
                       : coding == "gzip" ? found->gzip
                                          : found->plain;
  return File{type_of(name), content, coding, found->etag};
}

}  // namespace

std::string_view choose_coding(std::string_view accept_encoding) {
  if (accepts(accept_encoding, "br")) return "br";
  if (accepts(accept_encoding, "gzip")) return "gzip";
  return {};
}

std::optional<File> index_page(std::string_view accept_encoding) {
  return find("index.html", accept_encoding);
}

std::optional<File> find_asset(std::string_view name, std::string_view accept_encoding) {
  if (const auto current = find(std::string{"assets/"}.append(name), accept_encoding))
    return current;
  return find(std::string{"previous/"}.append(name), accept_encoding);
}

}  // namespace booking::client
