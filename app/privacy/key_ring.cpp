#include "app/privacy/key_ring.hpp"

#include "app/privacy/hex.hpp"
#include "common/contract.hpp"

#include <algorithm>
#include <charconv>
#include <openssl/rand.h>
#include <optional>
#include <vector>

namespace booking::privacy {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  constexpr std::string_view kBlank = " \t\r";
  while (true) {
    const auto begin = line.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(kBlank), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<Key> key_of(std::string_view text) {
  const auto octets = from_hex(text);
  Key key{};
  if (!octets || octets->size() != key.size()) return std::nullopt;
  std::ranges::copy(*octets, key.begin());
  return key;
}

std::optional<KeyId> id_of(std::string_view text) {
  KeyId id = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  if (id < 1 || id > kLargestKeyId) return std::nullopt;
  return id;
}

struct Reading {
  KeyRing ring;
  bool has_index{false};
  bool has_active{false};

  /// Empty when the line is right. Never repeats what stands in it: it may be a key.
  std::string take(const std::vector<std::string_view>& words) {
    if (words[0] == "index" && words.size() == 2) {
      const auto key = key_of(words[1]);
      if (!key) return "an index key is 64 hexadecimal digits";
      if (has_index) return "there is one index key";
      has_index = true;
      ring.index = *key;
      return {};
    }
    if (words[0] == "key" && words.size() == 3) {
      const auto id = id_of(words[1]);
      const auto key = key_of(words[2]);
      if (!id) return "a key's id is 1 to 9999";
      if (!key) return "a key is 64 hexadecimal digits";
      if (ring.keys.size() == kMostKeys) return "at most 64 keys";
      if (!ring.keys.emplace(*id, *key).second) return "this key's id came before";
      return {};
    }
    if (words[0] == "active" && words.size() == 2) {
      const auto id = id_of(words[1]);
      if (!id || has_active) return "active names one key, once";
      has_active = true;
      ring.active = *id;
      return {};
    }
    return "a line is `index HEX`, `key ID HEX` or `active ID`";
  }
};

std::string random_hex() {
  Key key{};
  common::expects(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1,
                  "OpenSSL gives random octets");
  return to_hex(key);
}

}  // namespace

std::variant<KeyRing, std::string> read_keys(std::string_view text) {
  Reading reading;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (words.empty()) continue;
    if (const auto fault = reading.take(words); !fault.empty())
      return "line " + std::to_string(number) + ": " + fault;
  }
  auto& ring = reading.ring;
  if (!reading.has_index) return std::string{"there is no index key"};
  if (ring.keys.empty()) return std::string{"there is no key"};
  if (!reading.has_active) ring.active = ring.keys.rbegin()->first;
  if (!ring.keys.contains(ring.active)) return std::string{"the active key is not there"};
  return std::move(ring);
}

std::string new_key_file() {
  return "# Keys of bookd's personal data. Every node has this same file; without it the data "
         "cannot be read.\nindex " +
         random_hex() + "\nkey 1 " + random_hex() + "\n";
}

std::string next_key_line(const KeyRing& ring) {
  return "key " + std::to_string(ring.keys.rbegin()->first + 1) + ' ' + random_hex() + '\n';
}

}  // namespace booking::privacy
