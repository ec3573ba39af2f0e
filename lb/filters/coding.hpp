#pragma once

#include "lb/filters/encoder.hpp"
#include "lb/http/message.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace lb::filters {

/// Content codings we can write (RFC 9110 §8.4.1, RFC 8878, RFC 7932).
enum class Coding : std::uint8_t { Identity, Gzip, Zstd, Brotli };

std::string_view name_of(Coding coding);

/// The coding that all Accept-Encoding lines together want most; among equals the one that stands
/// first in `offered`. Identity when they want none of them, or say nothing (RFC 9110 §12.5.3).
Coding choose_coding(const http::Fields& fields, std::span<const Coding> offered);

/// Null when there is no memory. `level`: 1 quick to 9 small, mapped to what the coding knows.
std::unique_ptr<Encoder> make_encoder(Coding coding, int level);

}  // namespace lb::filters
