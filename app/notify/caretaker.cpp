#include "app/notify/caretaker.hpp"

#include "common/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace booking::notify {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.notify"};
constexpr std::chrono::seconds kFirstWait{5};
constexpr std::chrono::hours kPause{1};
constexpr std::chrono::milliseconds kBreath{200};  // between two batches: guests come first
constexpr std::size_t kBatch = 100;
constexpr int kMostBatches = 10'000;  // of one round

}  // namespace

asio::awaitable<void> take_care(store::Store& store, const NotifyOptions& options) {
  asio::steady_timer pause{co_await asio::this_coro::executor, kFirstWait};
  co_await pause.async_wait(asio::use_awaitable);
  while (true) {
    std::size_t sealed = 0;
    for (int batch = 0; batch < kMostBatches; ++batch) {
      const auto done = co_await store.reseal(kBatch);
      if (!done || done->rows() == 0) break;
      sealed += done->rows();
      pause.expires_after(kBreath);
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (sealed > 0) kLog.info("personal data sealed anew", {{"rows", sealed}});
    for (int batch = 0; batch < kMostBatches; ++batch) {
      const auto done = co_await store.retain(options.retention, common::wall_now(), false);
      if (!done) break;
      if (done->bookings + done->photos > 0)
        kLog.info("forgotten what is over its time",
                  {{"bookings", done->bookings}, {"photos", done->photos}});
      if (done->bookings == 0) break;
      pause.expires_after(kBreath);
      co_await pause.async_wait(asio::use_awaitable);
    }
    pause.expires_after(kPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

std::string to_json(const store::RetentionReport& report) {
  return boost::json::serialize(boost::json::object{{"bookings", report.bookings},
                                                    {"customers", report.customers},
                                                    {"photos", report.photos},
                                                    {"drafts", report.drafts},
                                                    {"idempotency_keys", report.keys},
                                                    {"sessions", report.sessions},
                                                    {"counters", report.counters},
                                                    {"messages", report.messages}});
}

}  // namespace booking::notify
