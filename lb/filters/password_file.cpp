#include "lb/filters/password_file.hpp"

#include "lb/http/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <crypt.h>
#include <memory>
#include <sodium.h>

namespace lb::filters {
namespace {

constexpr std::size_t kLongestCredentials = 1024;
constexpr std::uint32_t kMostArgonKib = 256 * 1024;
constexpr int kMostBcryptCost = 14;
constexpr std::string_view kArgon = "$argon2id$";

std::optional<std::uint32_t> number_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint32_t value = 0;
  const auto* first = text.data() + at + key.size();
  const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
  if (error != std::errc{} || end == first) return std::nullopt;
  return value;
}

bool starts_with_one_of(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [text](auto prefix) { return text.starts_with(prefix); });
}

/// What is wrong with a hash, and what would be right.
std::optional<std::pair<std::string, std::string>> fault_of(std::string_view hash) {
  static constexpr const char* kUsable = "argon2id, bcrypt, yescrypt or SHA-512-crypt";
  if (hash.starts_with(kArgon)) {
    const auto memory = number_after(hash, "$m=");
    if (!memory || hash.size() >= crypto_pwhash_STRBYTES) return {{"this is no hash", kUsable}};
    if (*memory > kMostArgonKib) return {{"it takes too much memory", "m of at most 262144"}};
    return std::nullopt;
  }
  if (starts_with_one_of(hash, {"$2b$", "$2y$", "$2a$"})) {
    const auto cost = hash.size() == 60 ? number_after(hash.substr(3), "$") : std::nullopt;
    if (!cost) return {{"this is no hash", kUsable}};
    if (*cost > kMostBcryptCost) return {{"it takes too long", "a cost of at most 14"}};
    return std::nullopt;
  }
  if (starts_with_one_of(hash, {"$y$", "$5$", "$6$"}))
    return hash.size() > 30
               ? std::nullopt
               : std::optional{std::pair<std::string, std::string>{"this is no hash", kUsable}};
  return {{"this kind of hash is not taken", kUsable}};
}

}  // namespace

std::variant<PasswordFile, PasswordFault> PasswordFile::parse(std::string_view text) {
  PasswordFile file;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    auto entry = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (entry.ends_with('\r')) entry.remove_suffix(1);
    entry = http::trim(entry);
    if (entry.empty() || entry.front() == '#') continue;
    const auto colon = entry.find(':');
    if (colon == 0 || colon == std::string_view::npos)
      return PasswordFault{line, "this is no user", "name:hash"};
    const auto hash = entry.substr(colon + 1);
    if (auto fault = fault_of(hash)) return PasswordFault{line, fault->first, fault->second};
    if (!file.users_.emplace(entry.substr(0, colon), hash).second)
      return PasswordFault{line, "this user stands there twice", "every user once"};
    if (file.users_.size() > kMostUsers)
      return PasswordFault{line, "there are too many users", "at most 10000"};
  }
  if (file.users_.empty()) return PasswordFault{1, "there is no user", "name:hash lines"};
  return file;
}

const std::string* PasswordFile::hash_of(std::string_view user) const {
  const auto found = users_.find(std::string{user});
  return found != users_.end() ? &found->second : nullptr;
}

bool verify_password(const std::string& hash, const std::string& password) {
  if (hash.starts_with(kArgon))
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  const auto memory = std::make_unique<crypt_data>();  // 32 KiB: not for a stack
  const char* made = crypt_r(password.c_str(), hash.c_str(), memory.get());
  const bool right = made != nullptr && hash.size() == std::char_traits<char>::length(made) &&
                     sodium_memcmp(made, hash.data(), hash.size()) == 0;
  sodium_memzero(memory.get(), sizeof *memory);
  return right;
}

std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() > kLongestCredentials || authorization.size() <= kScheme.size() ||
      !http::equals_lower(authorization.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const auto text = http::trim(authorization.substr(kScheme.size()));
  std::string decoded(kLongestCredentials, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(),
                        text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  decoded.resize(size);
  const auto colon = decoded.find(':');
  // A NUL would end the password for crypt, and no field may hold the others.
  if (colon == std::string::npos || colon == 0 || decoded.find('\0') != std::string::npos ||
      !http::all_are(decoded.substr(0, colon), http::kFieldValue))
    return std::nullopt;
  return Credentials{decoded.substr(0, colon), decoded.substr(colon + 1)};
}

}  // namespace lb::filters
