#pragma once

#include "common/result.hpp"
#include "lb/http/message.hpp"
#include "lb/http1/errc.hpp"

#include <optional>
#include <string_view>

namespace lb::http1 {

template <class T>
using Result = common::Result<T, Errc>;

/// Looks for the CR LF that ends the line beginning at `from`. Gives the line without it, nothing
/// when it has not arrived, or BareLineEnding for an LF alone.
struct Line {
  std::string_view text;
  std::size_t next;  // where the following line begins
};
Result<std::optional<Line>> next_line(std::string_view octets, std::size_t from);

/// One field line without its CR LF (RFC 9112 §5): a token, a colon at once, a value between
/// optional blanks. Folding, blanks before the colon, empty names and control octets are refused.
Result<http::Field> parse_field_line(std::string_view line);

}  // namespace lb::http1
