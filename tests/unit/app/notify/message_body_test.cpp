#include "app/notify/message_body.hpp"

#include "tests/support/catch.hpp"

using namespace booking;
using namespace booking::notify;
using namespace std::chrono_literals;

namespace {

using Catch::Matchers::Contains;

store::Message message(store::Channel channel) {
  const auto at = core::parse_rfc3339("2026-12-01T10:00:00+09:00").value();
  return {{0xab},
          channel,
          core::Move::Request,
          core::Status::Requested,
          core::BookingNumber::from_entropy(1),
          core::Service::Leak,
          at,
          1};
}

NotifyOptions options() {
  NotifyOptions made;
  made.slack_url = "https://hooks.example/x";
  made.webhook_url = "https://example/hook";
  made.webhook_secret = "secret";
  made.text_url = "http://127.0.0.1/send";
  made.text_token = "token";
  made.business_name = "한빛 설비";
  return made;
}

std::string field(const Post& post, std::string_view name) {
  for (const auto& [key, value] : post.fields)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("Each channel is told in its own words", "[app][notify]") {
  const common::WallTime now{1790000000s};
  const auto slack = post_of(message(store::Channel::Slack), options(), now).value();
  CHECK(slack.url == "https://hooks.example/x");
  CHECK_THAT(slack.body, Contains("새 견적 신청") && Contains("누수") && !Contains("급함"));
  auto urgent = message(store::Channel::Slack);
  urgent.urgent = true;
  CHECK_THAT(post_of(urgent, options(), now)->body, Contains("급함"));

  const auto hook = post_of(message(store::Channel::Webhook), options(), now).value();
  CHECK_THAT(hook.body, Contains("\"event\":\"booking.request\"") &&
                            Contains("\"at\":\"2026-12-01T10:00:00+09:00\""));
  CHECK_THAT(field(hook, "Mainstay-Signature"), Contains("t=1790000000,v1="));
  CHECK(field(hook, "Mainstay-Signature").size() == std::string{"t=1790000000,v1="}.size() + 64);
  CHECK(field(hook, "Idempotency-Key").starts_with("ab00"));

  auto text = message(store::Channel::Text);
  CHECK_FALSE(post_of(text, options(), now));  // nobody to tell
  text.phone = core::Phone::parse("010-1234-5678");
  const auto sms = post_of(text, options(), now).value();
  CHECK_THAT(sms.body, Contains("+821012345678") && Contains("booking_request"));
  CHECK(field(sms, "Authorization") == "Bearer token");
  for (const auto& post : {slack, hook})  // only who must call is told a number
    CHECK_THAT(post.body, !Contains("+82"));
}

TEST_CASE("A channel without an address is not used", "[app][notify]") {
  NotifyOptions none;
  CHECK(none.channels().empty());
  CHECK_FALSE(post_of(message(store::Channel::Slack), none, {}));
  CHECK(options().channels().size() == 3);
}

TEST_CASE("Trying again comes later each time and ends", "[app][notify]") {
  CHECK(back_off(1) == 5s);
  CHECK(back_off(2) == 10s);
  CHECK(back_off(12) == 3600s);
  CHECK_FALSE(back_off(kMostAttempts));
  std::chrono::seconds whole{0};
  for (std::int64_t n = 1; const auto wait = back_off(n); ++n) whole += *wait;
  CHECK(whole > 10h);
  CHECK(whole < 24h);
}
