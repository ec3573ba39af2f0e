#pragma once

#include <string>
#include <string_view>

namespace common {

/// Appends `text` as a JSON string, quotes included (RFC 8259 §7). Octets that are not UTF-8 become
/// U+FFFD, so that a hostile field can break neither a log line nor an answer. At most `limit`
/// octets of `text` are taken.
void append_json_string(std::string& out, std::string_view text, std::size_t limit = 4096);

/// `text` with every octet that is not UTF-8 replaced by U+FFFD; at most `limit` octets are taken.
std::string valid_utf8(std::string_view text, std::size_t limit = 4096);

}  // namespace common
