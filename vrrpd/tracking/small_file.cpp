#include "vrrpd/tracking/small_file.hpp"

#include "vrrpd/link/descriptor.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace vrrp::tracking {

std::optional<std::string> read_small_file(const std::string& path) {
  const link::Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
  if (file.number() < 0) return std::nullopt;
  std::array<char, 64> text{};
  const auto size = ::read(file.number(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  return std::string{text.data(), static_cast<std::size_t>(size)};
}

std::optional<int> number_in(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
  if (text.starts_with('+')) text.remove_prefix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace vrrp::tracking
