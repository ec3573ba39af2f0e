#pragma once

#include <span>
#include <string_view>

namespace booking::client {

/// A file of app/web/dist, part of the program.
struct Stored {
  std::string_view name;  // `index.html`, `assets/index-….js`
  std::string_view etag;  // quoted, strong
  std::string_view plain;
  std::string_view brotli;
  std::string_view gzip;
};

std::span<const Stored> stored_files();

}  // namespace booking::client
