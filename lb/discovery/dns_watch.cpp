#include "lb/discovery/dns_watch.hpp"

#include "common/time.hpp"
#include "lb/discovery/dns_answer.hpp"
#include "lb/discovery/dns_query.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <ares.h>
#include <map>
#include <optional>
#include <utility>

namespace lb::discovery {

using common::IpAddress;
using std::chrono::milliseconds;

namespace {

/// What came of one round of questions.
struct Round {
  std::vector<Found> found;
  std::chrono::seconds ttl{std::chrono::hours{24}};
  std::string error;  // empty: all went well
};

/// /etc/hosts does not say how long it holds.
constexpr std::chrono::seconds kHostsTtl{5};

/// The server has answered, and the answer is that there is nothing.
bool is_absence(DnsFault fault) {
  return fault.status == ARES_ENODATA || fault.status == ARES_ENOTFOUND;
}

}  // namespace

struct DnsWatch::Impl : std::enable_shared_from_this<DnsWatch::Impl> {
  Impl(boost::asio::io_context& context, std::variant<DnsName, SrvName> n, ResolverOptions o,
       Listener l)
      : executor{context.get_executor()},
        name{std::move(n)},
        options{std::move(o)},
        listener{std::move(l)},
        pause{executor} {}

  using Known = std::map<std::pair<std::string, RecordType>, std::vector<IpAddress>>;

  net::Executor executor;
  std::variant<DnsName, SrvName> name;
  ResolverOptions options;
  Listener listener;
  net::Timer pause;
  std::unique_ptr<DnsChannel> channel;  // while a round runs
  Known known;                          // what each question was answered last
  bool stopped{false};

  void stop() {
    stopped = true;
    pause.cancel();
    if (channel) channel->cancel();
  }

  static net::Awaitable<> run(std::shared_ptr<Impl> self) {
    milliseconds retry = self->options.retry;
    while (!self->stopped) {
      self->channel = std::make_unique<DnsChannel>(self->executor, self->options);
      auto round = co_await look_up(self);
      self->channel.reset();
      if (self->stopped) co_return;
      milliseconds next = retry;
      if (round.error.empty()) {
        next = std::clamp<milliseconds>(round.ttl, self->options.least_ttl, self->options.most_ttl);
        retry = self->options.retry;
        self->listener.on_found(std::move(round.found));
      } else {
        retry = std::min(retry * 2, self->options.most_retry);
        self->listener.on_failed(std::move(round.error));
      }
      if (self->stopped) co_return;
      self->pause.expires_after(next);
      co_await self->pause.async_wait(net::kToken);
    }
  }

  static net::Awaitable<Round> look_up(std::shared_ptr<Impl> self) {
    Round round;
    if (const auto* host = std::get_if<DnsName>(&self->name)) {
      Known asked;
      const auto addresses = co_await addresses_of(*self, host->host, host->family, round, asked);
      for (const auto& address : addresses)
        round.found.push_back({{address, host->port}, {}, {}, {}, {}});
      if (round.error.empty()) self->known = std::move(asked);
      co_return round;
    }
    co_await look_service_up(*self, std::get<SrvName>(self->name), round);
    co_return round;
  }

  static net::Awaitable<> look_service_up(Impl& self, const SrvName& service, Round& round) {
    auto answer = co_await DnsChannel::wait(self.channel->ask(service.name, RecordType::Srv));
    auto services =
        answer ? parse_services(*answer) : common::Result<Services, DnsFault>{answer.error()};
    if (!services) {
      round.error = service.name + ": " + std::string{describe(services.error())};
      co_return;
    }
    round.ttl = services->ttl;
    Known asked;
    std::string failure;
    std::size_t answered = 0;
    std::uint32_t tier = 0;
    for (std::size_t i = 0; i < services->list.size(); ++i) {
      const auto& target = services->list[i];
      // Priorities are any numbers; tiers are their ranks.
      if (i > 0 && target.priority != services->list[i - 1].priority) ++tier;
      Round of_target;
      const auto addresses =
          co_await addresses_of(self, target.host, service.family, of_target, asked);
      if (self.stopped) co_return;
      if (of_target.error.empty()) ++answered;
      if (!of_target.error.empty()) failure = of_target.error;
      round.ttl = std::min(round.ttl, of_target.ttl);
      // Weight 0 is a server with little to do (RFC 2782), not one without anything.
      const auto weight = std::max<std::uint32_t>(1, target.weight);
      for (const auto& address : addresses)
        if (round.found.size() < kMostAnswers)
          round.found.push_back({{address, target.port}, {}, weight, tier, {}});
    }
    if (answered == 0)
      round.error = failure;
    else
      self.known = std::move(asked);
  }

  /// All addresses of a host. `round.error` is set when no question was answered with any. `asked`
  /// takes in what holds from now on: answers, and for questions without one what was answered
  /// last.
  static net::Awaitable<std::vector<IpAddress>> addresses_of(Impl& self, std::string host,
                                                             Family family, Round& round,
                                                             Known& asked) {
    std::vector<RecordType> types;
    if (family != Family::V6) types.push_back(RecordType::A);
    if (family != Family::V4) types.push_back(RecordType::Aaaa);
    std::vector<IpAddress> all;
    for (const auto type : types) {
      const auto local = self.channel->hosts_file(host, type);
      all.insert(all.end(), local.begin(), local.end());
    }
    if (!all.empty()) {
      round.ttl = std::min(round.ttl, kHostsTtl);
      co_return all;
    }
    std::vector<std::pair<RecordType, std::shared_ptr<DnsChannel::Question>>> questions;
    for (const auto type : types) questions.emplace_back(type, self.channel->ask(host, type));
    std::optional<DnsFault> failure;
    bool answered = false;
    for (const auto& [type, question] : questions) {
      const auto answer = co_await DnsChannel::wait(question);
      common::Result<Addresses, DnsFault> parsed{DnsFault{ARES_ENODATA}};
      if (!answer)
        parsed = answer.error();
      else
        parsed = type == RecordType::A ? parse_v4(*answer) : parse_v6(*answer);
      std::vector<IpAddress> list;
      if (parsed) {
        answered = true;
        list = std::move(parsed->list);
        round.ttl = std::min(round.ttl, parsed->ttl);
      } else {
        // A real failure weighs more than an absence, which may be meant.
        if (!failure || is_absence(*failure)) failure = parsed.error();
        if (!is_absence(parsed.error())) {
          round.ttl = {};  // soon again
          const auto last = self.known.find({host, type});
          if (last != self.known.end()) list = last->second;
        }
      }
      all.insert(all.end(), list.begin(), list.end());
      asked[{host, type}] = std::move(list);
    }
    if (!answered)
      round.error = host + ": " + std::string{describe(failure.value_or(DnsFault{ARES_ENODATA}))};
    co_return all;
  }
};

DnsWatch::DnsWatch(boost::asio::io_context& context, std::variant<DnsName, SrvName> name,
                   ResolverOptions options, Listener listener)
    : impl_{std::make_shared<Impl>(context, std::move(name), std::move(options),
                                   std::move(listener))} {
  boost::asio::co_spawn(impl_->executor, Impl::run(impl_), boost::asio::detached);
}

DnsWatch::~DnsWatch() { impl_->stop(); }

}  // namespace lb::discovery
