#include "lb/admin/dashboard.hpp"

#include "common/contract.hpp"

#include <array>
#include <sodium.h>
#include <string>

namespace lb::admin {
namespace {

/// What stands between `<tag>` and its end, as a source of Content-Security-Policy Level 2.
std::string hash_source(std::string_view page, std::string_view tag) {
  const auto open = '<' + std::string{tag} + '>';
  const auto begin = page.find(open) + open.size();
  const auto end = page.find("</" + std::string{tag} + '>', begin);
  common::expects(begin < end && end != page.npos, "the dashboard has its script and style");
  const auto text = page.substr(begin, end - begin);
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  ::crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size());
  std::array<char, 48> encoded{};
  ::sodium_bin2base64(encoded.data(), encoded.size(), digest.data(), digest.size(),
                      sodium_base64_VARIANT_ORIGINAL);
  return std::string{"'sha256-"} + encoded.data() + '\'';
}

}  // namespace

common::AdminAnswer dashboard_page() {
  static const std::string kPolicy =
      "default-src 'none'; connect-src 'self'; img-src data:; script-src " +
      hash_source(kDashboard, "script") + "; style-src " + hash_source(kDashboard, "style") +
      "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return {.content_type = "text/html; charset=utf-8",
          .body = std::string{kDashboard},
          .fields = {{"Content-Security-Policy", kPolicy}, {"Referrer-Policy", "no-referrer"}}};
}

}  // namespace lb::admin
