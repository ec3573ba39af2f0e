#include "app/records/list_looks.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <array>
#include <openssl/evp.h>

namespace booking::records {
namespace {

constexpr std::size_t kDigestOctets = 8;

std::string digest_of(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += name + '\n';
  std::array<std::uint8_t, 32> hash{};
  common::expects(
      EVP_Digest(all.data(), all.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1,
      "OpenSSL knows SHA-256");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < kDigestOctets; ++i) {
    text += kDigits[hash[i] >> 4U];
    text += kDigits[hash[i] & 0x0FU];
  }
  return text;
}

}  // namespace

std::string list_detail(const std::vector<std::string>& names) {
  auto text = std::to_string(names.size()) + ':';
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += ' ' + names[i];
  if (names.size() > kMostNamed) text += " … sha256:" + digest_of(names);
  return text;
}

bool ListLooks::is_news(const std::string& looker, const std::string& shown, common::WallTime now) {
  const auto found = seen_.find(looker);
  if (found != seen_.end() && found->second.shown == shown && now - found->second.at < kSameLook)
    return false;
  if (found == seen_.end() && seen_.size() >= kMostLookers)
    seen_.erase(
        std::ranges::min_element(seen_, {}, [](const auto& entry) { return entry.second.at; }));
  seen_[looker] = {shown, now};
  return true;
}

}  // namespace booking::records
