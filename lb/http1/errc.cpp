#include "lb/http1/errc.hpp"

#include "common/contract.hpp"

#include <array>

namespace lb::http1 {
namespace {

struct Row {
  Errc reason;
  unsigned status;
  std::string_view label;
  std::string_view sentence;
};

constexpr std::array<Row, kErrcCount> kRows{{
    {Errc::BadRequestLine, 400, "bad_request_line", "The request line is malformed."},
    {Errc::BadTarget, 400, "bad_target", "The request target is malformed or ambiguous."},
    {Errc::BadVersion, 505, "bad_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
    {Errc::BadStatusLine, 502, "bad_status_line", "The status line is malformed."},
    {Errc::BadField, 400, "bad_field", "A field line is malformed."},
    {Errc::FoldedField, 400, "folded_field", "A field is folded over several lines."},
    {Errc::BareLineEnding, 400, "bare_line_ending", "A line does not end with CR LF."},
    {Errc::BadHost, 400, "bad_host", "Host is missing, repeated or not a host name."},
    {Errc::ConflictingFraming, 400, "conflicting_framing",
     "Content-Length and Transfer-Encoding exclude each other."},
    {Errc::BadContentLength, 400, "bad_content_length", "Content-Length is not one number."},
    {Errc::BadTransferEncoding, 400, "bad_transfer_encoding",
     "Transfer-Encoding must be `chunked`, once, in HTTP/1.1."},
    {Errc::UnknownTransferCoding, 501, "unknown_transfer_coding",
     "The only transfer coding spoken here is `chunked`."},
    {Errc::UnknownExpectation, 417, "unknown_expectation",
     "The only expectation met here is `100-continue`."},
    {Errc::BadChunk, 400, "bad_chunk", "The chunked coding of the content is malformed."},
    {Errc::RequestLineTooLong, 414, "request_line_too_long", "The request line is too long."},
    {Errc::FieldLineTooLong, 431, "field_line_too_long", "A field line is too long."},
    {Errc::TooManyFields, 431, "too_many_fields", "There are too many fields."},
    {Errc::HeadTooLarge, 431, "head_too_large", "The fields are too large together."},
    {Errc::ChunkExtensionsTooLarge, 400, "chunk_extensions_too_large",
     "The chunk extensions are too large."},
    {Errc::TrailersTooLarge, 431, "trailers_too_large", "The trailer section is too large."},
    {Errc::TlsOnPlainPort, 400, "tls_on_plain_port",
     "This port speaks plain HTTP, and the client began TLS: https:// belongs to another port."},
    {Errc::Http2Preface, 505, "http2_preface",
     "This port speaks HTTP/1.1, and the client began HTTP/2 without having asked for it."},
}};

const Row& row_of(Errc reason) {
  const auto& row = kRows.at(static_cast<std::size_t>(reason));
  common::expects(row.reason == reason, "every reason has its row, in order");
  return row;
}

}  // namespace

unsigned status_of(Errc reason) { return row_of(reason).status; }
std::string_view label_of(Errc reason) { return row_of(reason).label; }
std::string_view explain(Errc reason) { return row_of(reason).sentence; }

}  // namespace lb::http1
