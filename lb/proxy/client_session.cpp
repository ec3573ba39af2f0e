#include "lb/proxy/client_session.hpp"

#include "lb/proxy/client_connection.hpp"
#include "lb/proxy/error_response.hpp"
#include "lb/proxy/exchange.hpp"

#include <optional>

namespace lb::proxy {
namespace {

using common::Clock;

/// An idle connection keeps its buffer this long, then gives it back: busy connections never pay
/// for it.
constexpr auto kHoldBuffer = std::chrono::milliseconds{100};

/// After the last answer: how long, and how many octets, a client may still send before it is cut
/// off. Without it the kernel resets the connection and may take the answer away before it is read.
constexpr auto kLinger = std::chrono::seconds{1};
constexpr std::size_t kLingerOctets = 256 * 1024;

class ClientSession final : DrainHook {
 public:
  ClientSession(WorkerContext& worker, net::Socket&& socket, const common::IpAddress& address,
                telemetry::ListenerId listener)
      : client_{worker, std::move(socket), address, listener} {
    worker.sessions.push_back(*this);
    worker.counters->client_connections.add();
    worker.counters->active_client_connections.add();
    client_.stream.make_non_blocking();
  }
  ~ClientSession() override { client_.worker.counters->active_client_connections.subtract(1); }

  /// What a read of the input asks the session to do.
  enum class Next { Read, WaitReadable, Exchange, Refuse, Close };

  void await_request(common::TimePoint now, bool first) {
    const auto& timeouts = worker().site->options.timeouts;
    idle_ = true;
    fresh_ = first;
    new_line_ = true;  // what was sent ahead has not been looked at
    idle_until_ = now + (first ? timeouts.head : timeouts.keep_alive);
    client_.watchdog.limit_total(common::TimePoint::max());
    client_.watchdog.expect(Wait::Idle,
                            std::min<common::TimePoint>(idle_until_, now + kHoldBuffer));
    if (!client_.input.empty()) on_begin(now);
  }

  /// Decides by what has arrived so far.
  Next next() {
    auto& input = client_.input;
    if (worker().draining && may_close()) return Next::Close;
    if (!input.empty() && (new_line_ || input.space().empty())) {
      new_line_ = false;
      const auto parsed = http1::parse_request(
          input.content(), worker().site->options.limits.message, worker().request);
      if (!parsed) {
        refusal_ = refusal_of(parsed.error());
        return Next::Refuse;
      }
      if (*parsed > 0) {
        head_size_ = *parsed;
        idle_ = false;
        return Next::Exchange;
      }
      // Behind requests that have been served, a head may stand at the end of the memory.
      if (input.space().empty()) input.compact();
      if (input.space().empty()) {
        refusal_ = refusal_of(http1::Errc::HeadTooLarge);
        return Next::Refuse;
      }
    }
    if (unbuffered_) return Next::WaitReadable;
    if (!input) input = worker().buffers.take();
    return Next::Read;
  }

  /// False when the connection is over.
  bool on_read(std::size_t count) {
    auto& input = client_.input;
    const auto expired = client_.watchdog.expired();
    if (count > 0 && expired != Wait::Head) {
      worker().counters->bytes_received.add(count);
      const bool begins = input.empty();
      new_line_ =
          std::string_view{input.space().data(), count}.find('\n') != std::string_view::npos;
      input.commit(count);
      if (begins) on_begin(Clock::now());
      return true;
    }
    if (expired == Wait::Idle && Clock::now() < idle_until_) {
      input.release();
      unbuffered_ = true;
      client_.watchdog.expect(Wait::IdleUnbuffered, idle_until_);
      return true;
    }
    if (expired == Wait::Head) refusal_ = refusal_of(Trouble::HeadTimeout);
    return false;
  }

  bool on_readable(const boost::system::error_code& error) {
    unbuffered_ = false;
    return !error && client_.watchdog.expired() == Wait::Nothing;
  }

  net::Awaitable<> run() {
    await_request(Clock::now(), true);
    while (true) {
      switch (next()) {
        case Next::Read: {
          net::ReadResult read;
          if (client_.input.empty())
            read = co_await client_.stream.read_turn(client_.input.space());
          else
            read = co_await client_.stream.read_more(client_.input.space());
          const auto [error, count] = read;
          if (on_read(error ? 0 : count)) continue;
          break;
        }
        case Next::WaitReadable: {
          const auto [error] = co_await client_.stream.wait_readable();
          if (on_readable(error)) continue;
          break;
        }
        case Next::Exchange: {
          const auto ending = co_await perform_exchange(client_, head_size_, began_);
          if (ending == Ending::Persist) {
            await_request(Clock::now(), false);
            continue;
          }
          if (ending == Ending::Linger) co_await linger();
          co_return;
        }
        case Next::Refuse:
        case Next::Close:
          break;
      }
      break;
    }
    if (refusal_) {
      send_refusal();
      co_await linger();
    }
  }

 private:
  WorkerContext& worker() { return client_.worker; }

  /// The first octet of a head is here; from now it has an absolute limit.
  void on_begin(common::TimePoint now) {
    idle_ = false;
    began_ = now;
    client_.watchdog.expect(Wait::Head, now + worker().site->options.timeouts.head);
  }

  /// Answers a head that could not be read. What does not fit into the socket at once is lost: such
  /// a client is owed no more.
  void send_refusal() {
    auto& counters = *worker().counters;
    counters.refusals[refusal_->counter].add();
    auto& series = worker().site->series->http(client_.listener, telemetry::Series::kNoRoute);
    series.of(worker().number).add(static_cast<std::size_t>(http::Method::Other), refusal_->status);
    const auto text = error_response(*refusal_, {.date = worker().date});
    net::Pieces pieces;
    pieces.add(text);
    client_.stream.try_write(pieces);
    if (worker().access_log.enabled())
      worker().access_log.add({.client = client_.address,
                               .listener = series.listener(),
                               .status = refusal_->status,
                               .sent_bytes = text.size(),
                               .duration = Clock::now() - began_,
                               .error = refusal_->code});
  }

  net::Awaitable<> linger() {
    if (!client_.stream.is_open()) co_return;
    client_.stream.shutdown_send();
    client_.watchdog.limit_total(common::TimePoint::max());
    client_.watchdog.expect(Wait::Linger, Clock::now() + kLinger);
    if (!client_.input) client_.input = worker().buffers.take();
    for (std::size_t octets = 0; octets < kLingerOctets;) {
      client_.input.clear();
      const auto [error, count] = co_await client_.stream.read_more(client_.input.space());
      if (error || client_.watchdog.expired() != Wait::Nothing) break;
      octets += count;
    }
    client_.stream.close();
  }

  /// No request has begun, none is waiting in the socket, and none is on its way as behind a
  /// connection just opened.
  bool may_close() { return idle_ && (!fresh_ || unbuffered_) && client_.stream.is_quiet(); }

  void on_drain() override {
    if (may_close()) client_.stream.cancel();
  }
  void on_drain_deadline() override {
    client_.stream.close();
    client_.watchdog.expire();
  }

  ClientConnection client_;
  std::optional<Refusal> refusal_;
  std::size_t head_size_{0};
  common::TimePoint began_{};
  common::TimePoint idle_until_{};
  bool idle_{true};
  bool fresh_{true};  // has not carried a request yet
  bool unbuffered_{false};
  bool new_line_{false};
};

}  // namespace

net::Awaitable<> serve_client(WorkerContext& worker, net::Socket socket, common::IpAddress address,
                              telemetry::ListenerId listener) {
  ClientSession session{worker, std::move(socket), address, listener};
  co_await session.run();
}

}  // namespace lb::proxy
