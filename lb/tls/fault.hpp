#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lb::tls {

/// What is wrong with a file or with what several of them say together.
struct Fault {
  std::size_t certificate{0};  // its place in the options; of others no matter
  std::string_view key;        // of the option: `key_file`
  std::string wrong;
  std::string right;
  bool is_warning{false};  // it works, but a person should know
};
using Faults = std::vector<Fault>;

/// Whether anything among `faults` keeps us from going on.
bool is_fatal(const Faults& faults);

/// What OpenSSL's queue of errors says, which is empty afterwards.
std::string take_openssl_error();

}  // namespace lb::tls
