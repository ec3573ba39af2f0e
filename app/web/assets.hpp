#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace booking::web {

struct Asset {
  std::string_view content_type;
  std::string_view content;
  std::string_view etag;  // quoted, strong
  // The same, compressed once; empty when that saves nothing.
  std::string_view gzip;
  std::string_view brotli;
};

/// What stands at `path`. The path carries the digest of the content, so it may be kept forever.
std::optional<Asset> find_asset(std::string_view path);
/// Today's asset of the kind that `path` names with a digest nobody here knows: a page of an older
/// release, or of the next one on another node, looks better with it than with nothing. It is not
/// what the name says, so nobody may keep it.
std::optional<Asset> find_stand_in(std::string_view path);

const std::string& style_path();   // /assets/style-<digest>.css
const std::string& script_path();  // /assets/guest-<digest>.js
const std::string& icon_path();
const std::string& fonts_path();  // which names the files of /fonts/

}  // namespace booking::web
