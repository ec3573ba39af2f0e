#include "app/notify/sender.hpp"

#include "app/notify/http_post.hpp"
#include "app/notify/message_body.hpp"
#include "common/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <unistd.h>

namespace booking::notify {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.notify"};
/// All of a claim are sent before its lease is over, at their slowest.
constexpr std::size_t kMostAtOnce = 4;
constexpr std::chrono::seconds kLeaseReserve{5};
/// As often as Prometheus asks, nearly.
constexpr std::chrono::seconds kLookInterval{10};

std::string_view name_of(store::Channel channel) {
  constexpr std::array<std::string_view, 3> kNames{"slack", "webhook", "text"};
  return kNames.at(static_cast<std::size_t>(channel) - 1);
}

prometheus::Gauge& gauge(common::Metrics& metrics, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(metrics.registry()).Add({});
}

asio::awaitable<std::string> delivery(const Post& post, std::chrono::milliseconds timeout) {
  co_return deliver(post, timeout);
}

}  // namespace

Sender::Sender(store::Store& store, const NotifyOptions& options, common::Metrics& metrics)
    : store_{store},
      options_{options},
      messages_{prometheus::BuildCounter()
                    .Name("bookd_messages_total")
                    .Help("Messages to others, by what came of a try")
                    .Register(metrics.registry())},
      waiting_{gauge(metrics, "bookd_outbox_messages", "Messages to others that wait")},
      oldest_{gauge(metrics, "bookd_outbox_oldest_timestamp_seconds",
                    "When what the oldest of them tells of happened; 0: none waits")},
      owner_{std::to_string(::getpid()) + '-' + std::to_string(store::system_entropy())} {}

asio::awaitable<void> Sender::run() {
  const auto channels = options_.channels();
  if (channels.empty()) co_return;
  // A series that begins with its first event has not grown by it, for Prometheus.
  for (const auto channel : channels)
    for (const auto* result : {"sent", "failed", "given_up", "nobody"}) count(channel, result, 0);
  asio::steady_timer pause{co_await asio::this_coro::executor};
  const auto lease =
      std::chrono::ceil<std::chrono::seconds>(options_.timeout * kMostAtOnce) + kLeaseReserve;
  auto next_look = common::Clock::now();
  while (true) {
    if (const auto now = common::Clock::now(); now >= next_look) {
      next_look = now + kLookInterval;
      co_await look();
    }
    store::MessageClaim claim{owner_, kMostAtOnce, common::wall_now(), lease};
    const auto claimed = co_await store_.claim_messages(std::move(claim));
    if (claimed)
      for (const auto& message : *claimed) co_await send(message);
    if (claimed && claimed->size() == kMostAtOnce) continue;
    pause.expires_after(options_.pause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

void Sender::count(store::Channel channel, std::string_view result, double more) {
  messages_.Add({{"channel", std::string{name_of(channel)}}, {"result", std::string{result}}})
      .Increment(more);
}

asio::awaitable<void> Sender::look() {
  const auto found = co_await store_.messages_waiting();
  if (!found) co_return;  // what was seen last still waits
  waiting_.Set(static_cast<double>(found->count));
  const auto since =
      found->oldest ? found->oldest->time_since_epoch() : common::WallTime::duration{};
  oldest_.Set(std::chrono::duration<double>(since).count());
}

asio::awaitable<void> Sender::send(const store::Message& message) {
  const auto post = post_of(message, options_, common::wall_now());
  std::string failure;
  if (post)
    failure =
        co_await asio::co_spawn(pool_, delivery(*post, options_.timeout), asio::use_awaitable);
  store::MessageEnd end{
      .id = message.id, .owner = owner_, .now = common::wall_now(), .failure = failure};
  std::string_view result = post ? "sent" : "nobody";
  if (!failure.empty()) {
    const auto wait = back_off(message.attempts);
    result = wait ? "failed" : "given_up";
    if (wait)
      end.again = end.now + *wait;
    else
      kLog.error("a message could not be delivered", {{"channel", name_of(message.channel)},
                                                      {"number", message.number.grouped()},
                                                      {"reason", failure}});
  }
  count(message.channel, result, 1);
  if (const auto noted = co_await store_.end_message(std::move(end)); !noted)
    kLog.warn("a message's end could not be noted; it may be sent again",
              {{"channel", name_of(message.channel)}, {"reason", noted.error().message()}});
}

}  // namespace booking::notify
