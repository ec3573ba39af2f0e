#include "vrrpd/handover/key.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sodium.h>
#include <sys/stat.h>

namespace vrrp::handover {

using Fault = Key::Fault;

common::Result<Key, Fault> Key::from_text(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest)
    return Fault{"the secret has " + std::to_string(text.size()) + " characters",
                 "16 to 512, such as `openssl rand -hex 32` makes them"};
  Key key;
  // Whatever its length, 32 octets of even quality.
  crypto_hash_sha256(key.octets_.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return key;
}

common::Result<Key, Fault> Key::from_file(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0)
    return Fault{path + ": " + std::strerror(errno), "a file with the secret in its first line"};
  if (!S_ISREG(state.st_mode)) return Fault{path + " is no file", "a file with the secret"};
  if ((state.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
    return Fault{path + " can be read or changed by others", "chmod 0640 " + path};
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  return from_text(line);
}

Key::Mac Key::sign(common::Octets message) const {
  Mac mac{};
  crypto_auth_hmacsha256(mac.data(), message.data(), message.size(), octets_.data());
  return mac;
}

bool Key::verifies(common::Octets message, common::Octets mac) const {
  return mac.size() == kMacOctets &&
         crypto_auth_hmacsha256_verify(mac.data(), message.data(), message.size(),
                                       octets_.data()) == 0;
}

}  // namespace vrrp::handover
