#include "lb/tls/ticket_keys.hpp"

#include "lb/tls/certificate.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <sys/stat.h>

namespace lb::tls {
namespace {

constexpr std::size_t kLine = 108;  // octets of 80 in base64

bool decode(std::string_view line, TicketKey& key) {
  if (line.size() != kLine) return false;
  std::array<unsigned char, kLine / 4 * 3> octets{};
  const auto* const text = reinterpret_cast<const unsigned char*>(line.data());
  if (EVP_DecodeBlock(octets.data(), text, static_cast<int>(kLine)) < 0) return false;
  std::memcpy(key.name.data(), octets.data(), 16);
  std::memcpy(key.cipher.data(), octets.data() + 16, 32);
  std::memcpy(key.mac.data(), octets.data() + 48, 32);
  OPENSSL_cleanse(octets.data(), octets.size());
  return true;
}

}  // namespace

TicketKey random_ticket_key() {
  TicketKey key;
  const bool made = RAND_bytes(key.name.data(), 16) == 1 &&
                    RAND_priv_bytes(key.cipher.data(), 32) == 1 &&
                    RAND_priv_bytes(key.mac.data(), 32) == 1;
  if (!made) throw std::runtime_error{"no random octets for ticket keys"};
  return key;
}

TicketKeyList parse_ticket_keys(std::string_view text, std::string& wrong) {
  TicketKeyList keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    TicketKey key;
    if (!decode(line, key)) {
      wrong = "line " + std::to_string(number) + " is no key";
      return {};
    }
    if (keys.size() == kMostTicketKeys) {
      wrong = "it holds more than " + std::to_string(kMostTicketKeys) + " keys";
      return {};
    }
    keys.push_back(key);
  }
  if (keys.empty()) wrong = "it holds no key";
  return keys;
}

std::string ticket_keys_text(const TicketKeyList& keys) {
  std::string text = "# Keys of TLS session tickets, the newest first. Secret.\n";
  for (const auto& key : keys) {
    std::array<unsigned char, TicketKey::kSize> octets{};
    std::memcpy(octets.data(), key.name.data(), 16);
    std::memcpy(octets.data() + 16, key.cipher.data(), 32);
    std::memcpy(octets.data() + 48, key.mac.data(), 32);
    std::array<unsigned char, kLine + 1> line{};
    const int size = EVP_EncodeBlock(line.data(), octets.data(), static_cast<int>(octets.size()));
    text.append(reinterpret_cast<const char*>(line.data()), static_cast<std::size_t>(size));
    text += '\n';
  }
  return text;
}

TicketKeyList rotated(TicketKeyList keys, std::size_t keep) {
  keys.insert(keys.begin(), random_ticket_key());
  if (keys.size() > keep) keys.resize(keep);
  return keys;
}

TicketKeyList read_ticket_keys(const std::string& path, Faults& faults) {
  constexpr auto kKey = "ticket_keys_file";
  auto text = read_file(path, kKey, 0, faults);
  if (text.empty()) return {};
  std::string wrong;
  auto keys = parse_ticket_keys(text, wrong);
  OPENSSL_cleanse(text.data(), text.size());
  if (!wrong.empty())
    faults.push_back({0, kKey, path + ": " + wrong,
                      "one key of 80 octets a line, in base64: `lbctl ticket-keys FILE`", false});
  if (keys.size() == 1)
    faults.push_back({0, kKey, path + " holds one key only",
                      "the key before it, too, or sessions end with every rotation", true});
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0 && (file.st_mode & 07U) != 0)
    faults.push_back({0, kKey, path + " may be read by everybody", "chmod o-rwx", true});
  return keys;
}

std::shared_ptr<const TicketKeyList> OwnTicketKeys::keys(std::int64_t now) {
  const std::lock_guard lock{mutex_};
  if (!keys_ || now - renewed_ >= kRenewAfter) {
    keys_ = std::make_shared<const TicketKeyList>(rotated(keys_ ? *keys_ : TicketKeyList{}, kKept));
    renewed_ = now;
  }
  return keys_;
}

}  // namespace lb::tls
