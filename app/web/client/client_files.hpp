#pragma once

#include <optional>
#include <string_view>

namespace booking::client {

struct File {
  std::string_view content_type;
  std::string_view content;
  std::string_view coding;  // of Content-Encoding; empty: none
  std::string_view etag;
};

/// The page itself, which names the others.
std::optional<File> index_page(std::string_view accept_encoding);
/// A script or style by its name, which carries the digest of its content; what the release before
/// had is there too, guests' files and fonts included, for pages that are open while nodes are
/// replaced one by one.
std::optional<File> find_asset(std::string_view name, std::string_view accept_encoding);

/// The coding an Accept-Encoding (RFC 9110 §12.5.3) takes: `br` before `gzip`, empty for neither.
std::string_view choose_coding(std::string_view accept_encoding);

}  // namespace booking::client
