#include "scripts/strobe/driver/runner.hpp"

#include "scripts/strobe/driver/connection.hpp"
#include "scripts/strobe/driver/recorder.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <csignal>
#include <deque>
#include <fmt/format.h>
#include <optional>
#include <random>
#include <stdexcept>

namespace strobe::driver {

namespace asio = boost::asio;
using common::Clock;
using common::TimePoint;
using measure::Failure;
using measure::Record;

namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kFlushInterval{50};

std::string random_prefix() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

Failure judge_status(unsigned status) {
  if (status >= 200 && status < 300) return Failure::None;
  if (status >= 500) return Failure::ServerError;
  return status >= 400 ? Failure::ClientError : Failure::BadResponse;
}

/// Repeating with the same key may help: the request or its answer got lost on the way, or the
/// server says "later".
bool worth_another_attempt(const Record& record) {
  if (record.failure == Failure::ClientError)
    return record.status == 408 || record.status == 409 || record.status == 425 ||
           record.status == 429;
  return record.failure != Failure::None && record.failure != Failure::BadResponse;
}

std::string booking_number(const std::string& content) {
  boost::system::error_code error;
  const auto value = boost::json::parse(content, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* number = object != nullptr ? object->if_contains("number") : nullptr;
  const auto* text = number != nullptr ? number->if_string() : nullptr;
  return text != nullptr ? std::string{*text} : std::string{};
}

/// Looked up once: a run has one target.
common::SocketAddress address_of(const Options& options) {
  if (options.address) return *options.address;
  asio::io_context io;
  asio::ip::tcp::resolver resolver{io};
  boost::system::error_code error;
  const auto found = resolver.resolve(options.target.host, {}, error);
  if (error) throw std::runtime_error{options.target.host + ": " + error.message()};
  const auto ip = common::IpAddress::parse(found.begin()->endpoint().address().to_string()).value();
  return {ip, options.target.port};
}

class Runner {
 public:
  explicit Runner(const Options& options)
      : options_{options},
        target_{address_of(options)},
        schedule_{options.rate, options.count},
        recorder_{options.lines, {schedule_, options.threshold, options.timeline}} {
    if (options.target.secure) tls_.emplace(options.target.host, options.tls);
  }

  std::string run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop();
    });
    start_ = Clock::now();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    start_ms_ = std::chrono::duration<double, std::milli>(wall).count();
    asio::co_spawn(io_, pace(), asio::detached);
    asio::co_spawn(io_, keep_flushing(), asio::detached);
    io_.run();
    return recorder_.summary(start_ms_);
  }

 private:
  asio::awaitable<void> pace() {
    while (next_ < schedule_.count() && !stopping_) {
      for (const auto due = schedule_.due(Clock::now() - start_); next_ < due; ++next_)
        launch(next_);
      if (next_ == schedule_.count()) break;
      pacer_.expires_at(start_ + schedule_.offset(next_));
      co_await pacer_.async_wait(kToken);
    }
    paced_ = true;
    finish_if_done();
  }

  void launch(std::uint64_t n) {
    if (under_way_ == options_.concurrency) {
      Record record = begun(n);
      record.failure = Failure::Overload;
      record.attempts = 0;
      recorder_.add(record);
      return;
    }
    ++under_way_;
    asio::co_spawn(io_, serve(n), asio::detached);
  }

  Record begun(std::uint64_t n) const {
    const auto offset = std::chrono::duration<double, std::milli>(schedule_.offset(n));
    return {.n = n, .scheduled_ms = start_ms_ + offset.count(), .kind = options_.kind};
  }

  asio::awaitable<void> serve(std::uint64_t n) {
    const bool booking = options_.kind == "book";
    const TimePoint scheduled = start_ + schedule_.offset(n);
    const std::string key = booking ? fmt::format("{}-{}", key_prefix_, n) : std::string{};
    const std::string request = options_.request.render(n, key);
    Record record = begun(n);
    for (;;) {
      const Answer answer = co_await attempt(request);
      record.status = answer.status;
      record.reason = answer.reason;
      if (answer.handshake) record.handshake += answer.handshake->length;
      record.failure =
          answer.failure == Failure::None ? judge_status(answer.status) : answer.failure;
      if (booking && record.failure == Failure::None) {
        record.number = booking_number(answer.content);
        if (record.number.empty()) record.failure = Failure::BadResponse;
      }
      const bool again = booking && worth_another_attempt(record) && !stopping_ &&
                         Clock::now() + options_.retry_pause < scheduled + options_.retry_for;
      if (!again) break;
      asio::steady_timer pause{io_, options_.retry_pause};
      co_await pause.async_wait(kToken);
      ++record.attempts;
    }
    record.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - scheduled);
    recorder_.add(record);
    --under_way_;
    finish_if_done();
  }

  asio::awaitable<Answer> attempt(const std::string& request) {
    const TimePoint deadline = Clock::now() + options_.timeout;
    const auto connection = co_await borrow(deadline);
    if (!connection) co_return Answer{.failure = Failure::Timeout};
    const Answer answer = co_await connection->exchange(target_, request, deadline);
    if (answer.handshake) recorder_.add(*answer.handshake);
    if (options_.keep_alive)
      give_back(connection);
    else if (answer.failure == Failure::None)
      asio::co_spawn(io_, Connection::leave(connection), asio::detached);
    co_return answer;
  }

  /// With keep-alive one of the lasting connections, waiting in line for it until the deadline.
  asio::awaitable<std::shared_ptr<Connection>> borrow(TimePoint deadline) {
    if (!options_.keep_alive) co_return new_connection();
    while (lent_ == options_.connections) {
      const auto place = std::make_shared<asio::steady_timer>(io_, deadline);
      line_.push_back(place);
      const auto [error] = co_await place->async_wait(kToken);
      if (!error) {
        std::erase(line_, place);
        co_return nullptr;
      }
    }
    ++lent_;
    while (!idle_.empty()) {
      const auto connection = idle_.front();
      idle_.pop_front();
      if (connection->reusable()) co_return connection;
      connection->close();
    }
    co_return new_connection();
  }

  std::shared_ptr<Connection> new_connection() {
    return std::make_shared<Connection>(io_.get_executor(), tls_ ? &*tls_ : nullptr);
  }

  void give_back(const std::shared_ptr<Connection>& connection) {
    --lent_;
    if (connection->reusable()) idle_.push_back(connection);
    // One whose time has just run out has nothing left to cancel: it is the next one's turn.
    bool woken = false;
    while (!woken && !line_.empty()) {
      woken = line_.front()->cancel() > 0;
      line_.pop_front();
    }
  }

  asio::awaitable<void> keep_flushing() {
    while (!done_) {
      flusher_.expires_after(kFlushInterval);
      co_await flusher_.async_wait(kToken);
      recorder_.flush();
    }
  }

  void stop() {
    stopping_ = true;
    pacer_.cancel();
  }

  void finish_if_done() {
    if (!paced_ || under_way_ > 0) return;
    done_ = true;
    flusher_.cancel();
    signals_.cancel();
  }

  const Options& options_;
  common::SocketAddress target_;
  std::optional<Tls> tls_;  // outlives io_, in which connections may stand to the end
  measure::Schedule schedule_;
  Recorder recorder_;
  std::string key_prefix_{random_prefix()};
  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
  asio::steady_timer pacer_{io_};
  asio::steady_timer flusher_{io_};
  TimePoint start_;
  double start_ms_{0};
  std::uint64_t next_{0};
  std::size_t under_way_{0};
  bool paced_{false};
  bool stopping_{false};
  bool done_{false};
  // Lasting connections: lent_ + idle_ stay within options_.connections, the line within
  // concurrency.
  std::size_t lent_{0};
  std::deque<std::shared_ptr<Connection>> idle_;
  std::deque<std::shared_ptr<asio::steady_timer>> line_;
};

}  // namespace

std::string run(const Options& options) { return Runner{options}.run(); }

}  // namespace strobe::driver
