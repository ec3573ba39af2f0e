#include "app/records/audit_chain.hpp"

#include "common/bytes.hpp"
#include "common/contract.hpp"

#include <openssl/evp.h>

namespace booking::records {
namespace {

void put(std::string& out, std::int64_t number) {
  for (const auto octet : common::to_big_endian(static_cast<std::uint64_t>(number)))
    out += static_cast<char>(octet);
}

void put(std::string& out, const std::string& text) {
  put(out, static_cast<std::int64_t>(text.size()));
  out += text;
}

}  // namespace

ChainHash link(const ChainHash& before, const AuditEntry& entry) {
  std::string said{before.begin(), before.end()};
  put(said, entry.sequence);
  put(said, entry.at.time_since_epoch().count());
  for (const auto* text :
       {&entry.actor, &entry.address, &entry.action, &entry.subject, &entry.detail})
    put(said, *text);
  ChainHash hash{};
  unsigned length = 0;
  common::expects(
      EVP_Digest(said.data(), said.size(), hash.data(), &length, EVP_sha256(), nullptr) == 1,
      "OpenSSL knows SHA-256");
  return hash;
}

bool ChainCheck::add(const AuditEntry& entry, const ChainHash& stored) {
  if (entry.sequence != last_ + 1 || link(head_, entry) != stored) return false;
  last_ = entry.sequence;
  head_ = stored;
  return true;
}

bool ChainCheck::ends_at(std::int64_t sequence, const ChainHash& head) const {
  return sequence == last_ && head == head_;
}

}  // namespace booking::records
