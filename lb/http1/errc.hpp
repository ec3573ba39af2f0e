#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lb::http1 {

/// Why a message is refused.
enum class Errc : std::uint8_t {
  BadRequestLine,
  BadTarget,
  BadVersion,
  BadStatusLine,
  BadField,
  FoldedField,
  BareLineEnding,
  BadHost,
  ConflictingFraming,
  BadContentLength,
  BadTransferEncoding,
  UnknownTransferCoding,
  UnknownExpectation,
  BadChunk,
  RequestLineTooLong,
  FieldLineTooLong,
  TooManyFields,
  HeadTooLarge,
  ChunkExtensionsTooLarge,
  TrailersTooLarge,
  TlsOnPlainPort,
  Http2Preface,
};
inline constexpr std::size_t kErrcCount = 22;

/// The status that answers a request refused for this reason.
unsigned status_of(Errc reason);
/// A word for a metric's label: `conflicting_framing`.
std::string_view label_of(Errc reason);
/// A sentence for the one who sent it.
std::string_view explain(Errc reason);

}  // namespace lb::http1
