#include "lb/http1/framing.hpp"

#include "lb/http/characters.hpp"
#include "lb/http/status.hpp"

#include <optional>

namespace lb::http1 {
namespace {

constexpr std::size_t kMostDigits =
    18;  // below 2^63 whatever they are: sums with it cannot overflow

std::optional<std::uint64_t> parse_content_length(std::string_view text) {
  if (text.empty() || text.size() > kMostDigits || !http::all_are(text, http::kDigit))
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : text) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

struct FramingFields {
  const http::Field* content_length{nullptr};
  const http::Field* transfer_encoding{nullptr};
};

common::Result<FramingFields, Errc> find_framing(const http::Fields& fields) {
  FramingFields found;
  for (const auto& field : fields) {
    if (field.id == http::FieldId::ContentLength) {
      // Also equal ones: RFC 9112 §6.3 lets us refuse, and a parser that takes the other one
      // exists.
      if (found.content_length != nullptr) return Errc::BadContentLength;
      found.content_length = &field;
    } else if (field.id == http::FieldId::TransferEncoding) {
      if (found.transfer_encoding != nullptr) return Errc::BadTransferEncoding;
      found.transfer_encoding = &field;
    }
  }
  if (found.content_length != nullptr && found.transfer_encoding != nullptr)
    return Errc::ConflictingFraming;
  return found;
}

/// Nothing but one `chunked`. A list of real coding names is merely unknown to us; anything else is
/// an attempt to hide it.
std::optional<Errc> refusal_of_transfer_encoding(std::string_view value) {
  if (http::equals_lower(value, "chunked")) return std::nullopt;
  if (!value.empty() && http::all_are(value, http::kToken)) return Errc::UnknownTransferCoding;
  return Errc::BadTransferEncoding;
}

common::Result<BodyLength, Errc> length_of(const FramingFields& found, int minor_version,
                                           BodyLength otherwise) {
  using Kind = BodyLength::Kind;
  if (found.transfer_encoding != nullptr) {
    if (minor_version == 0) return Errc::BadTransferEncoding;  // RFC 9112 §6.1: faulty framing
    if (const auto refusal = refusal_of_transfer_encoding(found.transfer_encoding->value))
      return *refusal;
    return BodyLength{Kind::Chunked};
  }
  if (found.content_length != nullptr) {
    const auto octets = parse_content_length(found.content_length->value);
    if (!octets) return Errc::BadContentLength;
    return BodyLength{Kind::Counted, *octets};
  }
  return otherwise;
}

}  // namespace

common::Result<BodyLength, Errc> request_body_length(const http::Fields& fields,
                                                     int minor_version) {
  const auto found = find_framing(fields);
  if (!found) return found.error();
  return length_of(*found, minor_version, BodyLength{BodyLength::Kind::None});
}

common::Result<BodyLength, Errc> response_body_length(const http::ResponseHead& head,
                                                      http::Method method, int minor_version) {
  const auto found = find_framing(head.fields);
  if (!found) return found.error();
  auto length = length_of(*found, minor_version, BodyLength{BodyLength::Kind::UntilClose});
  if (!length) return length;
  if (method == http::Method::Head || http::is_without_content(head.status))
    return BodyLength{BodyLength::Kind::None};
  return length;
}

}  // namespace lb::http1
