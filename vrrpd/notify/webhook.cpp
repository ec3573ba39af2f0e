#include "vrrpd/notify/webhook.hpp"

#include "common/json_text.hpp"

#include <array>
#include <ctime>
#include <fmt/format.h>
#include <sodium.h>

namespace vrrp::notify {
namespace {

constexpr std::chrono::milliseconds kForConnecting{2000};
constexpr std::chrono::milliseconds kToEnd{500};  // what curl needs to say that it has failed

std::string json(std::string_view text) {
  std::string out;
  common::append_json_string(out, text);
  return out;
}

/// curl's configuration file takes backslashes as JSON does.
std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::int64_t seconds_of(common::WallTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

std::string utc(common::WallTime now) {
  const std::time_t seconds = seconds_of(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

std::string signature(const std::string& secret, std::int64_t at, const std::string& content) {
  const auto covered = fmt::format("{}.{}", at, content);
  const auto octets = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, octets(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, octets(covered), covered.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return fmt::format("sha256={:02x}", fmt::join(mac, ""));
}

}  // namespace

std::string webhook_content(const Transition& transition, const std::string& node,
                            common::WallTime now) {
  const auto sentence =
      fmt::format("{}: virtual router {} on {} is {} (was {}): {}", node, transition.vrid,
                  transition.interface, transition.to, transition.from, transition.reason);
  return fmt::format(
      R"({{"text":{},"node":{},"interface":{},"vrid":{},"from":{},"to":{},"reason":{},)"
      R"("priority":{},"peer":{},"addresses":{},"at":{}}})",
      json(sentence), json(node), json(transition.interface), transition.vrid,
      json(transition.from), json(transition.to), json(transition.reason), transition.priority,
      json(transition.peer), json(transition.addresses), json(utc(now)));
}

programs::Program webhook_program(const WebhookOptions& options, const std::string& content,
                                  std::chrono::milliseconds timeout, common::WallTime now) {
  const auto in_seconds = [](std::chrono::milliseconds time) {
    return fmt::format("{}.{:03}", time.count() / 1000, time.count() % 1000);
  };
  const auto each = timeout / options.tries;
  std::string told = "url = " + quoted(options.url) + '\n';
  told += "header = \"Content-Type: application/json\"\nheader = \"User-Agent: vrrpd\"\n";
  if (!options.secret.empty()) {
    const auto at = seconds_of(now);
    told += fmt::format("header = \"X-Mainstay-Timestamp: {}\"\n", at);
    told += fmt::format("header = \"X-Mainstay-Signature: {}\"\n",
                        signature(options.secret, at, content));
  }
  told += "data-raw = " + quoted(content) + '\n';
  told += fmt::format("retry = {}\nretry-connrefused\nretry-delay = 1\nretry-max-time = {}\n",
                      options.tries - 1, std::chrono::ceil<std::chrono::seconds>(timeout).count());
  told += fmt::format("connect-timeout = {}\nmax-time = {}\n",
                      in_seconds(std::min(each, kForConnecting)), in_seconds(each));
  // What the other side answers is nobody's business here; why it failed is.
  told += "fail\nsilent\nshow-error\noutput = /dev/null\nproto = \"=http,https\"\n";
  return {.run = {"/usr/bin/curl", "--disable", "--config", "-"},
          .environment = {},
          .timeout = timeout + kToEnd,
          .input = std::move(told)};
}

}  // namespace vrrp::notify
