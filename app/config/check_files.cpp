#include "app/config/check_files.hpp"

#include "app/config/keys.hpp"
#include "app/config/load.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>
#include <string_view>

namespace booking::config {
namespace {

using common::ConfigNode;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Source = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::size_t kLargestFile = 1024 * 1024;

std::string quoted(const std::string& path) { return '"' + path + '"'; }

/// What stands in the file; a fault of `key`, and nothing, when it cannot be read.
std::optional<std::string> content_of(const ConfigNode& node, std::string_view key,
                                      const std::string& path, const char* right) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text(kLargestFile, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    const int why = errno == 0 ? EIO : errno;
    node.fault(key, quoted(path) + " cannot be read: " + std::strerror(why), right);
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Source source_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// A key with a pass phrase is not asked for: there is nobody to answer.
int no_pass_phrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*of*/) { return 0; }

/// The first of the file's certificates.
Certificate check_certificates(const ConfigNode& node, std::string_view key,
                               const std::string& path) {
  constexpr const char* kRight = "a file with certificates in PEM that bookd may read";
  Certificate first{nullptr, &X509_free};
  const auto text = content_of(node, key, path, kRight);
  if (!text) return first;
  first.reset(PEM_read_bio_X509(source_of(*text).get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (!first) node.fault(key, quoted(path) + " begins with no certificate", kRight);
  return first;
}

void check_key(const ConfigNode& node, const std::string& path, const Certificate& certificate) {
  constexpr const char* kRight = "the certificate's private key in PEM, without a pass phrase";
  const auto text = content_of(node, "key_file", path, kRight);
  if (!text) return;
  const PrivateKey key{
      PEM_read_bio_PrivateKey(source_of(*text).get(), nullptr, no_pass_phrase, nullptr),
      &EVP_PKEY_free};
  if (!key)
    node.fault("key_file", quoted(path) + " has no private key that opens", kRight);
  else if (certificate && X509_check_private_key(certificate.get(), key.get()) != 1)
    node.fault("key_file", quoted(path) + " is the key of another certificate", kRight);
  ERR_clear_error();
}

/// What a door or a client shows, and whom it believes. Empty: not named.
void check_tls(const ConfigNode& tls, const std::string& certificate, const std::string& key,
               std::string_view authority_key, const std::string& authority) {
  if (!certificate.empty()) {
    const auto first = check_certificates(tls, "certificate_file", certificate);
    if (!key.empty()) check_key(tls, key, first);
  }
  if (!authority.empty()) check_certificates(tls, authority_key, authority);
}

void check_secret(const ConfigNode& node, std::string_view key, const std::string& name,
                  const std::string& config_path) {
  constexpr const char* kRight = "a file that bookd may read, with the secret as its first line";
  if (name.empty()) return;
  const auto path = secret_path(name, config_path);
  if (!content_of(node, key, path, kRight)) return;
  std::string secret;
  if (!read_secret(name, config_path, secret))
    node.fault(key, quoted(path) + " has no first line that could be one", kRight);
}

}  // namespace

void check_files(const ConfigNode& root, const Settings& settings, const std::string& config_path) {
  if (const auto& door = settings.api.tls)
    check_tls(root.section("http").section("tls"), door->certificate_file, door->key_file,
              "client_ca_file", door->client_ca_file);
  const auto database = root.section("database");
  check_secret(database, "password_file", settings.password_file, config_path);
  if (settings.servers && settings.servers->tls) {
    const auto& tls = *settings.servers->tls;
    check_tls(database.section("tls"), tls.certificate_file, tls.key_file, "ca_file", tls.ca_file);
  }
  if (const auto fault = fault_of_keys(settings, config_path))
    root.section("privacy").fault("keys_file", fault->what, fault->right);
  const auto notify = root.section("notify");
  check_secret(notify.section("slack"), "url_file", settings.slack_url_file, config_path);
  check_secret(notify.section("webhook"), "secret_file", settings.webhook_secret_file, config_path);
  check_secret(notify.section("text"), "token_file", settings.text_token_file, config_path);
  const auto& trust = settings.ops.trust;
  check_tls(root.section("ops").section("tls"), trust.certificate_file, trust.key_file, "ca_file",
            trust.ca_file);
}

}  // namespace booking::config
