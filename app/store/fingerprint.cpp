#include "app/store/fingerprint.hpp"

#include "app/store/sha256.hpp"
#include "common/contract.hpp"

#include <openssl/evp.h>

namespace booking::store {

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  common::expects(
      EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1,
      "OpenSSL hashes");
  return digest;
}

core::Fingerprint fingerprint(const core::BookingRequest& request) {
  return sha256(core::canonical_text(request));
}

core::Fingerprint fingerprint(const Transition& command) {
  std::string text{core::to_string(command.move)};
  const auto append = [&](std::string_view field) {
    text += '\n' + std::to_string(field.size()) + ':';
    text += field;
  };
  append(command.number.text());
  append(command.reason);
  if (command.anyway) append("anyway");
  if (!command.tell_guest) append("untold");
  if (command.visit) {
    append(command.visit->technician);
    append(core::format_rfc3339(command.visit->start));
    append(std::to_string(command.visit->duration.count()));
  }
  if (command.estimate) {
    append(core::format_rfc3339(command.estimate->valid_until));
    append(command.estimate->note);
    for (const auto& item : command.estimate->items) {
      append(item.text);
      append(std::to_string(item.amount));
    }
  }
  if (command.amendment) {
    append(command.amendment->description.value_or("\1"));
    append(command.amendment->address.value_or("\1"));
    append(command.amendment->preferred ? "preferred" : "");
    for (const auto& window :
         command.amendment->preferred.value_or(std::vector<core::PreferredWindow>{})) {
      append(core::format_date(window.date));
      append(core::to_string(window.part));
      if (window.start) append(core::format_clock(*window.start));
    }
    // Not even empty when absent: keys of the release before keep their meaning.
    if (command.amendment->name) append("name " + *command.amendment->name);
    if (command.amendment->phone) append("phone " + command.amendment->phone->e164());
    if (command.amendment->address_detail) append("detail " + *command.amendment->address_detail);
  }
  return sha256(text);
}

}  // namespace booking::store
