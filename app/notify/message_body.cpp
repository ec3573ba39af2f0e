#include "app/notify/message_body.hpp"

#include "app/privacy/hex.hpp"
#include "common/contract.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace booking::notify {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kFirstBackOff{5};
constexpr std::chrono::seconds kLongestBackOff{3600};

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }

std::string_view korean(core::Service service) {
  constexpr std::array<std::string_view, 5> kWords{"누수", "막힘", "동파", "교체", "기타"};
  return kWords.at(static_cast<std::size_t>(service) - 1);
}

std::string_view korean(core::Move move) {
  constexpr std::array<std::string_view, 11> kWords{
      "새 견적 신청", "견적 안내", "견적 수락", "견적 거절", "방문 승인", "방문 확정",
      "방문 변경",    "작업 완료", "반려",      "취소",      "내용 변경"};
  return kWords.at(static_cast<std::size_t>(move) - 1);
}

std::string signature(const std::string& secret, const std::string& body, std::int64_t seconds) {
  const auto signed_text = std::to_string(seconds) + '.' + body;
  std::array<std::uint8_t, 32> digest{};
  unsigned written = 0;
  common::expects(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                       reinterpret_cast<const std::uint8_t*>(signed_text.data()),
                       signed_text.size(), digest.data(), &written) != nullptr,
                  "OpenSSL has HMAC-SHA256");
  return "t=" + std::to_string(seconds) + ",v1=" + privacy::to_hex(digest);
}

Post slack(const store::Message& message, const NotifyOptions& options) {
  auto words = std::string{korean(message.move)} + " · " + message.number.grouped() + " · " +
               std::string{korean(message.service)};
  if (message.urgent) words += " · 급함";
  return {options.slack_url, {}, json::serialize(json::object{{"text", text(words)}})};
}

Post webhook(const store::Message& message, const NotifyOptions& options, common::WallTime now) {
  json::object body{{"id", text(privacy::to_hex(message.id))},
                    {"event", text("booking." + std::string{core::to_string(message.move)})},
                    {"number", text(message.number.grouped())},
                    {"status", text(core::to_string(message.status))},
                    {"service", text(core::to_string(message.service))},
                    {"at", text(core::format_rfc3339(message.at))}};
  Post post{options.webhook_url, {}, json::serialize(body)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  post.fields.emplace_back("Mainstay-Signature",
                           signature(options.webhook_secret, post.body, seconds));
  return post;
}

/// Templates of 알림톡 are approved word by word: the adapter has them by name and fills these in.
Post text_message(const store::Message& message, const NotifyOptions& options) {
  json::object values{{"business", text(options.business_name)},
                      {"number", text(message.number.grouped())}};
  if (message.visit) values["visit"] = text(core::format_rfc3339(message.visit->start));
  const json::object body{
      {"to", text(message.phone->e164())},
      {"template", text("booking_" + std::string{core::to_string(message.move)})},
      {"values", std::move(values)}};
  Post post{options.text_url, {}, json::serialize(body)};
  if (!options.text_token.empty())
    post.fields.emplace_back("Authorization", "Bearer " + options.text_token);
  return post;
}

}  // namespace

std::vector<store::Channel> NotifyOptions::channels() const {
  std::vector<store::Channel> used;
  if (!slack_url.empty()) used.push_back(store::Channel::Slack);
  if (!webhook_url.empty()) used.push_back(store::Channel::Webhook);
  if (!text_url.empty()) used.push_back(store::Channel::Text);
  return used;
}

std::optional<Post> post_of(const store::Message& message, const NotifyOptions& options,
                            common::WallTime now) {
  std::optional<Post> post;
  if (message.channel == store::Channel::Slack && !options.slack_url.empty())
    post = slack(message, options);
  if (message.channel == store::Channel::Webhook && !options.webhook_url.empty())
    post = webhook(message, options, now);
  if (message.channel == store::Channel::Text && !options.text_url.empty() && message.phone)
    post = text_message(message, options);
  if (!post) return std::nullopt;
  post->fields.emplace_back("Content-Type", "application/json");
  post->fields.emplace_back("Idempotency-Key", privacy::to_hex(message.id));
  return post;
}

std::optional<std::chrono::seconds> back_off(std::int64_t attempts) {
  if (attempts >= kMostAttempts) return std::nullopt;
  const auto doublings = std::min<std::int64_t>(std::max<std::int64_t>(attempts - 1, 0), 20);
  return std::min(kFirstBackOff * (std::int64_t{1} << doublings), kLongestBackOff);
}

}  // namespace booking::notify
