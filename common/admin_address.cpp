#include "common/admin_address.hpp"

namespace common {
namespace {

constexpr std::string_view kUnix = "unix:";

}  // namespace

std::optional<AdminAddress> AdminAddress::parse(std::string_view text) {
  if (text.starts_with(kUnix)) {
    const auto path = text.substr(kUnix.size());
    const bool usable = path.starts_with('/') && !path.ends_with('/') &&
                        path.size() <= kLongestPath && path.find('\0') == std::string_view::npos;
    if (!usable) return std::nullopt;
    return AdminAddress{{}, std::string{path}};
  }
  const auto tcp = SocketAddress::parse(text);
  if (!tcp) return std::nullopt;
  return AdminAddress{*tcp, {}};
}

std::string AdminAddress::to_string() const {
  return is_unix() ? std::string{kUnix} + path : tcp.to_string();
}

}  // namespace common
