#include "common/admin_token.hpp"

#include "common/contract.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace common {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_{value} {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

AdminToken::Fault unreadable(const std::string& path) {
  return {path + ": " + std::generic_category().message(errno),
          "a file that lbd may read; `openssl rand -hex 32` makes a token"};
}

bool is_token_character(char c) { return c > ' ' && c < '\x7F'; }

}  // namespace

Result<AdminToken, AdminToken::Fault> AdminToken::from_file(const std::string& path) {
  // Without O_NONBLOCK a FIFO in the file's place would hold a start or a reload for ever.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat what {};
  if (file.get() < 0 || ::fstat(file.get(), &what) != 0) return unreadable(path);
  if (!S_ISREG(what.st_mode)) return Fault{path + " is not a file", "a regular file"};
  if ((what.st_mode & S_IRWXO) != 0)
    return Fault{path + " is open to everybody", "`chmod o= " + path + "`, then a new token"};
  std::string text(kLongest + 2, '\0');
  const auto count = ::read(file.get(), text.data(), text.size());
  if (count < 0) return unreadable(path);
  text.resize(static_cast<std::size_t>(count));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  auto token = from_text(text);
  if (!token) return Fault{path + ' ' + token.error().wrong, token.error().right};
  return token;
}

Result<AdminToken, AdminToken::Fault> AdminToken::from_text(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest ||
      !std::all_of(text.begin(), text.end(), is_token_character))
    return Fault{
        "holds no token",
        "one line of 16 to 512 letters, digits or signs; `openssl rand -hex 32` makes one"};
  AdminToken token;
  token.digest_ = digest_of(text);
  return token;
}

bool AdminToken::matches(std::string_view given) const {
  const auto digest = digest_of(given);
  return ::sodium_memcmp(digest.data(), digest_.data(), digest_.size()) == 0;
}

AdminToken::Digest AdminToken::digest_of(std::string_view text) {
  expects(::sodium_init() >= 0, "libsodium starts");
  Digest digest{};
  ::crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size());
  return digest;
}

}  // namespace common
