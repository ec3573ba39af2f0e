#pragma once

#include "app/web/form_data.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::web {

/// A file a form brought along. The name a stranger gave it is not kept.
struct FormFile {
  std::string field;
  std::string_view content;  // a view into the body
};

/// A form with files.
struct Multipart {
  static constexpr std::size_t kMostFiles = 8;
  static constexpr std::size_t kLargestHead = 1024;  // octets of one part's fields
  static constexpr std::size_t kLargestText = 64 * 1024;

  FormData fields;
  std::vector<FormFile> files;  // empty ones (nothing chosen) are left out
};

/// The boundary parameter of a multipart/form-data Content-Type (RFC 2046 §5.1.1); empty when there
/// is none that can be used.
std::string_view boundary_of(std::string_view content_type);

/// Reads multipart/form-data (RFC 7578), strictly: CRLF line ends, a Content-Disposition in every
/// part, no name twice but for files, text that is UTF-8, the closing boundary there, limits as
/// above. `body` must outlive the result.
std::optional<Multipart> read_multipart(std::string_view body, std::string_view boundary);

}  // namespace booking::web
