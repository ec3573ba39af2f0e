#include "scripts/strobe/driver/target.hpp"

#include <algorithm>
#include <charconv>

namespace strobe::driver {

namespace {

constexpr std::string_view kHttp{"http://"};
constexpr std::string_view kHttps{"https://"};
constexpr std::uint16_t kHttpPort{80};
constexpr std::uint16_t kHttpsPort{443};

bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed{
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"};
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

std::optional<Target> read_authority(std::string_view text, Target target) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    target.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    const auto address = target.address();
    if (!address || !address->is_v6()) return std::nullopt;
  } else {
    target.host = text.substr(0, text.find(':'));
    text.remove_prefix(target.host.size());
    if (!is_name(target.host)) return std::nullopt;
  }
  if (!text.empty() && (!text.starts_with(':') || !read_port(text.substr(1), target.port)))
    return std::nullopt;
  return target;
}

}  // namespace

std::optional<Target> Target::parse(std::string_view text) {
  const bool secure = text.starts_with(kHttps);
  if (!secure && !text.starts_with(kHttp)) {
    const auto address = common::SocketAddress::parse(text);
    if (!address || address->port == 0) return std::nullopt;
    return Target{.host = address->ip.to_string(), .port = address->port};
  }
  text.remove_prefix(secure ? kHttps.size() : kHttp.size());
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  const auto path = text.substr(authority.size());
  // A target is sent as it stands: nothing that ends the request line or is for a browser alone.
  const bool odd =
      std::ranges::any_of(path, [](char c) { return c <= ' ' || c > '~' || c == '#'; });
  if (odd || (!path.empty() && !path.starts_with('/'))) return std::nullopt;
  return read_authority(authority, {.secure = secure,
                                    .host = {},
                                    .port = secure ? kHttpsPort : kHttpPort,
                                    .path = std::string{path}});
}

std::string Target::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (secure ? kHttpsPort : kHttpPort) ? name : name + ":" + std::to_string(port);
}

}  // namespace strobe::driver
