#include "lb/proxy_protocol/write.hpp"

#include <string_view>

namespace lb::proxy_protocol {
namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};

void append16(std::string& out, unsigned number) {
  out.push_back(static_cast<char>(number >> 8U & 0xFFU));
  out.push_back(static_cast<char>(number & 0xFFU));
}

void append_address(std::string& out, const common::IpAddress& address) {
  const auto& octets = address.octets();
  for (std::size_t i = 0; i < (address.is_v6() ? 16U : 4U); ++i)
    out.push_back(static_cast<char>(octets[i]));
}

std::string binary(char command, char family) {
  std::string out{kSignature};
  out.push_back(command);
  out.push_back(family);
  return out;
}

}  // namespace

std::string header_of(Version version, const common::SocketAddress& source,
                      const common::SocketAddress& destination) {
  if (version == Version::None) return {};
  const bool v6 = source.ip.is_v6();
  if (destination.ip.is_v6() != v6) return local_header(version);
  if (version == Version::V1)
    return std::string{v6 ? "PROXY TCP6 " : "PROXY TCP4 "} + source.ip.to_string() + ' ' +
           destination.ip.to_string() + ' ' + std::to_string(source.port) + ' ' +
           std::to_string(destination.port) + "\r\n";
  auto out = binary('\x21', v6 ? '\x21' : '\x11');
  append16(out, v6 ? 36 : 12);
  append_address(out, source.ip);
  append_address(out, destination.ip);
  append16(out, source.port);
  append16(out, destination.port);
  return out;
}

std::string local_header(Version version) {
  if (version == Version::None) return {};
  if (version == Version::V1) return "PROXY UNKNOWN\r\n";
  auto out = binary('\x20', '\x00');
  append16(out, 0);
  return out;
}

}  // namespace lb::proxy_protocol
