#include "vrrpd/config/readers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::config {

using common::ConfigNode;
using daemon::RouterOptions;
using packet::AuthenticationMode;
using Secret = std::vector<std::uint8_t>;

namespace {

constexpr std::size_t kMostKeys = 16;
constexpr std::string_view kHex = "hex:";
constexpr std::chrono::seconds kLeastWindow{5};
constexpr std::chrono::seconds kMostWindow{300};
constexpr int kWindowIntervals = 3;  // the default, when it is more than kLeastWindow

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

/// `hex:` and digits, or the octets themselves; a line's end does not belong to it.
std::optional<Secret> parse_secret(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (!text.starts_with(kHex)) return Secret{text.begin(), text.end()};
  text.remove_prefix(kHex.size());
  if (text.size() % 2 != 0) return std::nullopt;
  Secret secret;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]);
    const auto low = digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    secret.push_back(static_cast<std::uint8_t>(*high << 4U | *low));
  }
  return secret;
}

struct Fault {
  std::string wrong;
  std::string right;
};

/// The first octets of a file that nobody but its owner and, perhaps, a group can read: a service
/// whose user systemd makes for each run can own none, and reads it by its group. More than a
/// secret and its `hex:` need are not read, and then fail as a secret.
std::optional<Fault> read_private(const std::string& path, std::string& text) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return Fault{path + " cannot be read: " + std::strerror(errno),
                 "a file with a key, of mode 0640 or less"};
  struct stat about {};
  const bool known = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  const bool open_to_others = (about.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0;
  std::array<char, 4 * packet::kLongestSecret> octets{};
  const auto size = known ? ::read(file, octets.data(), octets.size()) : -1;
  ::close(file);
  if (size < 0) return Fault{path + " cannot be read", "a regular file with a key"};
  if (open_to_others)
    return Fault{path + " can be read or changed by others", "chmod 0640 " + path};
  text.assign(octets.data(), static_cast<std::size_t>(size));
  return std::nullopt;
}

packet::AuthenticationKey read_key(const ConfigNode& node) {
  packet::AuthenticationKey key;
  node.require("id", key.id, common::Range<std::uint8_t>{1, 255});
  std::string path;
  node.require("file", path);
  if (path.empty()) return key;
  std::string text;
  if (const auto fault = read_private(path, text)) {
    node.fault("file", fault->wrong, fault->right);
    return key;
  }
  const auto secret = parse_secret(text);
  if (!secret || secret->size() < packet::kShortestSecret ||
      secret->size() > packet::kLongestSecret)
    node.fault("file", path + " holds no key of 32 to 64 octets",
               "printf 'hex:%s' \"$(openssl rand -hex 32)\" > " + path);
  else
    key.secret = *secret;
  return key;
}

}  // namespace

void read_authentication(const ConfigNode& node, RouterOptions& router) {
  auto& out = router.authentication;
  if (!node.has("authentication")) return;
  const auto section = node.section("authentication");
  out.mode = AuthenticationMode::Enforce;
  section.read_choice("mode", out.mode,
                      {{"enforce", AuthenticationMode::Enforce},
                       {"permissive", AuthenticationMode::Permissive},
                       {"receive_only", AuthenticationMode::ReceiveOnly}});
  for (const auto& item : section.items("keys", 1, kMostKeys)) {
    auto key = read_key(item);
    if (std::ranges::find(out.keys, key.id, &packet::AuthenticationKey::id) != out.keys.end())
      item.fault("id", "stands here twice", "another number from 1 to 255");
    out.keys.push_back(std::move(key));
  }
  if (!out.keys.empty()) out.sign_with = out.keys.front().id;
  section.read("sign_with", out.sign_with, common::Range<std::uint8_t>{1, 255});
  if (!out.keys.empty() &&
      std::ranges::find(out.keys, out.sign_with, &packet::AuthenticationKey::id) == out.keys.end())
    section.fault("sign_with", "no key has this id", "the id of one of the keys");
  out.window = std::max(kLeastWindow, std::chrono::ceil<std::chrono::seconds>(
                                          kWindowIntervals * router.advertisement_interval));
  section.read("window", out.window, {.least = std::chrono::seconds{1}, .most = kMostWindow});
}

}  // namespace vrrp::config
