#include "lb/tls/names.hpp"

#include <utility>

namespace lb::tls {

std::string normal_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string normal{name};
  for (char& c : normal)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return normal;
}

bool stands_for(std::string_view pattern, std::string_view host) {
  if (pattern == host) return true;
  if (!pattern.starts_with("*.")) return false;
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && host.substr(dot) == pattern.substr(1);
}

bool NameTable::add(std::string pattern, std::size_t who) {
  return names_.emplace(std::move(pattern), who).second;
}

std::optional<std::size_t> NameTable::find(std::string_view host) const {
  if (const auto exact = names_.find(host); exact != names_.end()) return exact->second;
  const auto dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const auto wildcard = names_.find("*" + std::string{host.substr(dot)});
  if (wildcard != names_.end()) return wildcard->second;
  return std::nullopt;
}

std::optional<std::size_t> NameTable::find_above(std::string_view host) const {
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    const auto wildcard = names_.find("*" + std::string{host.substr(dot)});
    if (wildcard != names_.end()) return wildcard->second;
  }
  return std::nullopt;
}

std::string server_name_in(std::span<const unsigned char> extension) {
  constexpr std::size_t kPreface = 5;  // length of the list, kind, length of the name
  constexpr unsigned char kHostName = 0;
  if (extension.size() <= kPreface || extension[2] != kHostName) return {};
  const std::size_t length = (std::size_t{extension[3]} << 8U) | extension[4];
  if (length > extension.size() - kPreface) return {};
  const auto octets = extension.subspan(kPreface, length);
  const std::string_view name{reinterpret_cast<const char*>(octets.data()), octets.size()};
  if (name.find('\0') != std::string_view::npos) return {};
  return normal_name(name);
}

std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    return normal_name(authority.substr(1, close == std::string_view::npos ? close : close - 1));
  }
  return normal_name(authority.substr(0, authority.find(':')));
}

}  // namespace lb::tls
