#include "app/store/shown_version.hpp"

#include "app/store/sha256.hpp"

#include <initializer_list>
#include <string_view>

namespace booking::store {
namespace {

constexpr std::size_t kOctets = 6;

/// With its length in front, so that no two different things read the same.
void append(std::string& out, std::string_view field) {
  out += std::to_string(field.size()) + ':';
  out += field;
}

std::int64_t version_of_text(const std::string& text) {
  const auto digest = sha256(text);
  std::int64_t version = 0;
  for (std::size_t i = 0; i < kOctets; ++i) version = version * 256 + digest.at(i);
  return version == 0 ? 1 : version;
}

std::int64_t version_of_fields(std::initializer_list<std::string_view> fields) {
  std::string text;
  for (const auto field : fields) append(text, field);
  return version_of_text(text);
}

}  // namespace

std::int64_t version_of(const Customer& customer) {
  return version_of_fields({customer.name, customer.note, customer.blocked ? "blocked" : "",
                            customer.merged ? "merged" : ""});
}

std::int64_t version_of(const Account& account) {
  return version_of_fields({account.username, account.password_hash,
                            account.role == Role::Owner ? "owner" : "staff",
                            account.disabled ? "disabled" : ""});
}

std::int64_t version_of(const std::vector<std::string>& technicians) {
  std::string text;
  for (const auto& name : technicians) append(text, name);
  return version_of_text(text);
}

}  // namespace booking::store
