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

std::string_view name_of(store::Channel channel) {
  constexpr std::array<std::string_view, 3> kNames{"slack", "webhook", "text"};
  return kNames.at(static_cast<std::size_t>(channel) - 1);
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
      owner_{std::to_string(::getpid()) + '-' + std::to_string(store::system_entropy())} {}

asio::awaitable<void> Sender::run() {
  if (options_.channels().empty()) co_return;
  asio::steady_timer pause{co_await asio::this_coro::executor};
  const auto lease =
      std::chrono::ceil<std::chrono::seconds>(options_.timeout * kMostAtOnce) + kLeaseReserve;
  while (true) {
    store::MessageClaim claim{owner_, kMostAtOnce, common::wall_now(), lease};
    const auto claimed = co_await store_.claim_messages(std::move(claim));
    if (claimed)
      for (const auto& message : *claimed) co_await send(message);
    if (claimed && claimed->size() == kMostAtOnce) continue;
    pause.expires_after(options_.pause);
    co_await pause.async_wait(asio::use_awaitable);
  }
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
  messages_
      .Add({{"channel", std::string{name_of(message.channel)}}, {"result", std::string{result}}})
      .Increment();
  if (const auto noted = co_await store_.end_message(std::move(end)); !noted)
    kLog.warn("a message's end could not be noted; it may be sent again",
              {{"channel", name_of(message.channel)}, {"reason", noted.error().message()}});
}

}  // namespace booking::notify
