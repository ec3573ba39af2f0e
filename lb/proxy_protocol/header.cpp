#include "lb/proxy_protocol/header.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace lb::proxy_protocol {
namespace {

using common::IpAddress;
using common::SocketAddress;

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::string_view kLineStart = "PROXY ";
constexpr std::size_t kLongestLine = 107;  // version 1, CR LF included
constexpr std::size_t kFixedPart = 16;     // of version 2
constexpr std::uint8_t kChecksumTlv = 0x03;

using MaybeHeader = common::Result<std::optional<Header>, Errc>;

unsigned octet(std::string_view octets, std::size_t at) {
  return static_cast<unsigned char>(octets[at]);
}

unsigned number16(std::string_view octets, std::size_t at) {
  return octet(octets, at) << 8U | octet(octets, at + 1);
}

/// Takes the next word off the front of `line`; the last one has no blank behind it.
std::string_view take_word(std::string_view& line) {
  const auto blank = line.find(' ');
  const auto word = line.substr(0, blank);
  line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
  return word;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

MaybeHeader parse_line(std::string_view octets) {
  const auto end = octets.substr(0, kLongestLine).find("\r\n");
  if (end == std::string_view::npos) {
    if (octets.size() >= kLongestLine) return Errc::TooLong;
    const auto stray = octets.find_first_of("\r\n");
    if (stray != std::string_view::npos && (octets[stray] == '\n' || stray + 1 < octets.size()))
      return Errc::BadLine;
    return std::optional<Header>{};
  }
  auto line = octets.substr(kLineStart.size(), end - kLineStart.size());
  if (line.find_first_of("\r\n") != std::string_view::npos) return Errc::BadLine;
  Header header;
  header.size = end + 2;
  const auto family = take_word(line);
  if (family == "UNKNOWN") return std::optional{header};  // the rest of the line says nothing
  if (family != "TCP4" && family != "TCP6") return Errc::BadLine;
  std::array<std::string_view, 4> words;
  for (auto& word : words) {
    word = take_word(line);
    if (word.empty()) return Errc::BadLine;
  }
  if (!line.empty() || octets[end - 1] == ' ') return Errc::BadLine;
  const auto source = IpAddress::parse(words[0]);
  const auto destination = IpAddress::parse(words[1]);
  const auto source_port = parse_port(words[2]);
  const auto destination_port = parse_port(words[3]);
  if (!source || !destination || !source_port || !destination_port) return Errc::BadAddress;
  const bool v6 = family == "TCP6";
  if (source->is_v6() != v6 || destination->is_v6() != v6) return Errc::BadAddress;
  header.ends = {{*source, *source_port}, {*destination, *destination_port}};
  return std::optional{header};
}

IpAddress v4_at(std::string_view octets, std::size_t at) {
  return IpAddress::v4(number16(octets, at) << 16U | number16(octets, at + 2));
}

IpAddress v6_at(std::string_view octets, std::size_t at) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), octets.data() + at, bytes.size());
  return IpAddress::v6(bytes);
}

/// Castagnoli, with `hole` and the three octets behind it taken for zero.
std::uint32_t crc32c(std::string_view octets, std::size_t hole) {
  std::uint32_t crc = ~0U;
  for (std::size_t at = 0; at < octets.size(); ++at) {
    crc ^= at >= hole && at < hole + 4 ? 0U : octet(octets, at);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (crc & 1U ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

/// The extensions from `at` on fill the header exactly.
std::optional<Errc> check_tlvs(std::string_view header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < 3) return Errc::BadTlv;
    const auto kind = octet(header, at);
    const std::size_t length = number16(header, at + 1);
    at += 3;
    if (header.size() - at < length) return Errc::BadTlv;
    if (kind == kChecksumTlv) {
      if (length != 4) return Errc::BadTlv;
      const std::uint32_t said = number16(header, at) << 16U | number16(header, at + 2);
      if (crc32c(header, at) != said) return Errc::BadChecksum;
    }
    at += length;
  }
  return std::nullopt;
}

MaybeHeader parse_binary(std::string_view octets) {
  if (octets.size() < kFixedPart) return std::optional<Header>{};
  const auto command = octet(octets, 12);
  const auto family = octet(octets, 13);
  const std::size_t size = kFixedPart + number16(octets, 14);
  if (command != 0x20 && command != 0x21) return Errc::BadVersion;
  if (size > kLongestHeader) return Errc::TooLong;
  std::size_t addresses = 0;  // octets
  switch (family) {
    case 0x00:  // UNSPEC
      break;
    case 0x11:  // TCP over IPv4
      addresses = 12;
      break;
    case 0x21:  // TCP over IPv6
      addresses = 36;
      break;
    case 0x31:  // a Unix stream
      addresses = 216;
      break;
    default:
      return Errc::BadFamily;  // datagrams included
  }
  if (size < kFixedPart + addresses) return Errc::BadFamily;
  if (octets.size() < size) return std::optional<Header>{};
  const auto whole = octets.substr(0, size);
  Header header;
  header.size = size;
  // What follows an unspecified family need not be extensions.
  if (family != 0x00)
    if (const auto error = check_tlvs(whole, kFixedPart + addresses)) return *error;
  if (command == 0x20) return std::optional{header};  // LOCAL
  if (family == 0x11)
    header.ends = {{v4_at(whole, 16), static_cast<std::uint16_t>(number16(whole, 24))},
                   {v4_at(whole, 20), static_cast<std::uint16_t>(number16(whole, 26))}};
  if (family == 0x21)
    header.ends = {{v6_at(whole, 16), static_cast<std::uint16_t>(number16(whole, 48))},
                   {v6_at(whole, 32), static_cast<std::uint16_t>(number16(whole, 50))}};
  return std::optional{header};
}

bool begins(std::string_view octets, std::string_view with) {
  return octets.substr(0, with.size()) == with.substr(0, octets.size());
}

}  // namespace

MaybeHeader parse_header(std::string_view octets) {
  if (!may_be_header(octets)) return Errc::NoHeader;
  if (octets.size() >= kSignature.size() && octets.starts_with(kSignature))
    return parse_binary(octets);
  if (octets.starts_with(kLineStart)) return parse_line(octets);
  return std::optional<Header>{};
}

bool may_be_header(std::string_view octets) {
  return begins(octets, kLineStart) || begins(octets, kSignature);
}

}  // namespace lb::proxy_protocol
