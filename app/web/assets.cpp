#include "app/web/assets.hpp"

#include "app/web/compressed.hpp"
#include "app/web/embedded.hpp"

#include <array>

namespace booking::web {
namespace {

struct Entry {
  std::string_view stem;
  std::string_view extension;
  std::string_view content_type;
  std::string_view content;
  std::string path;
  std::string etag;
  std::string gzip;
  std::string brotli;
};

Entry entry(std::string_view stem, std::string_view extension, std::string_view content_type,
            std::string_view content, std::string_view digest) {
  Entry made{stem, extension, content_type, content, {}, {}, gzip(content), brotli(content)};
  made.path = std::string{stem}.append(digest).append(extension);
  made.etag = std::string{"\""}.append(digest).append("\"");
  if (made.gzip.size() >= content.size()) made.gzip.clear();
  if (made.brotli.size() >= content.size()) made.brotli.clear();
  return made;
}

Asset asset_of(const Entry& entry) {
  return {entry.content_type, entry.content, entry.etag, entry.gzip, entry.brotli};
}

const std::array<Entry, 4>& entries() {
  static const std::array<Entry, 4> all{
      entry("/assets/style-", ".css", "text/css; charset=utf-8", k_style_css, k_style_css_digest),
      entry("/assets/icon-", ".svg", "image/svg+xml", k_icon_svg, k_icon_svg_digest),
      entry("/assets/guest-", ".js", "text/javascript; charset=utf-8", k_guest_js,
            k_guest_js_digest),
      entry("/assets/fonts-", ".css", "text/css; charset=utf-8", k_fonts_css, k_fonts_css_digest)};
  return all;
}

}  // namespace

std::optional<Asset> find_asset(std::string_view path) {
  for (const auto& asset : entries())
    if (path == asset.path) return asset_of(asset);
  return std::nullopt;
}

std::optional<Asset> find_stand_in(std::string_view path) {
  for (const auto& asset : entries())
    if (path.starts_with(asset.stem) && path.ends_with(asset.extension)) return asset_of(asset);
  return std::nullopt;
}

const std::string& style_path() { return entries()[0].path; }
const std::string& icon_path() { return entries()[1].path; }
const std::string& fonts_path() { return entries()[3].path; }
const std::string& script_path() { return entries()[2].path; }

}  // namespace booking::web
