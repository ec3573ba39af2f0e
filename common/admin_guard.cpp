#include "common/admin_guard.hpp"

#include "common/address.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace common {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

/// The host of `host[:port]`, brackets kept off an IPv6 address; empty when it is no such thing.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == std::string_view::npos ? std::string_view{} : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

const std::string& own_name() {
  static const std::string kName = [] {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? lower(name.data()) : std::string{};
  }();
  return kName;
}

bool is_ours(const AdminGuard& guard, std::string_view authority) {
  const auto host = lower(host_of(authority));
  if (host.empty()) return false;
  if (host == "localhost" || host == own_name() || IpAddress::parse(host)) return true;
  return std::any_of(guard.hosts.begin(), guard.hosts.end(),
                     [&host](const std::string& name) { return lower(name) == host; });
}

/// A page of ours sends exactly the authority it was fetched under; any other page sends its own.
bool is_same_origin(std::string_view origin, std::string_view host) {
  const auto slashes = origin.find("://");
  return slashes != std::string_view::npos && lower(origin.substr(slashes + 3)) == lower(host);
}

std::optional<AdminAnswer> refuse_origin(const AdminCredentials& shown) {
  const auto host = shown.hosts.empty() ? std::string{} : shown.hosts.front();
  const bool foreign =
      (shown.origin && !is_same_origin(*shown.origin, host)) ||
      (shown.fetch_site && *shown.fetch_site != "same-origin" && *shown.fetch_site != "none");
  if (!foreign) return std::nullopt;
  return admin_problem(403, "foreign_origin", "A page of another site may not change anything.");
}

std::optional<AdminAnswer> refuse_token(const AdminGuard& guard, const AdminCredentials& shown) {
  constexpr std::string_view kScheme = "bearer ";
  if (!guard.token)
    return admin_problem(403, "no_token_configured",
                         "Nothing can be changed here until admin.token_file is configured.");
  const auto refused = [](std::string_view detail) {
    auto answer = admin_problem(401, "token_needed", detail);
    answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"admin\"");
    return answer;
  };
  if (shown.authorizations.size() != 1)
    return refused("A change needs the token: Authorization: Bearer TOKEN.");
  const std::string_view given = shown.authorizations.front();
  if (lower(given.substr(0, kScheme.size())) != kScheme)
    return refused("A change needs the token: Authorization: Bearer TOKEN.");
  if (!guard.token->matches(given.substr(kScheme.size()))) return refused("This is not the token.");
  return std::nullopt;
}

}  // namespace

std::optional<AdminAnswer> refuse(const AdminGuard& guard, const AdminCredentials& shown) {
  if (!shown.through_socket) {
    if (shown.hosts.size() != 1)
      return admin_problem(400, "bad_host", "A request has one Host (RFC 9112 section 3.2).");
    if (!is_ours(guard, shown.hosts.front()))
      return admin_problem(403, "foreign_host",
                           "This door is not known under that name; admin.hosts may list it.");
  }
  if (!shown.changes) return std::nullopt;
  if (auto answer = refuse_origin(shown)) return answer;
  const bool trusted =
      guard.trusts_own_user && shown.uid && (*shown.uid == 0 || *shown.uid == ::geteuid());
  if (!trusted)
    if (auto answer = refuse_token(guard, shown)) return answer;
  // A form of another page cannot send this type without asking first.
  if (shown.has_content && !lower(shown.content_type.value_or("")).starts_with("application/json"))
    return admin_problem(415, "not_json", "Content is application/json here.");
  return std::nullopt;
}

}  // namespace common
