#include "lb/server/control.hpp"

#include "common/build_info.hpp"
#include "lb/discovery/endpoint_list.hpp"
#include "lb/server/server_impl.hpp"

#include <charconv>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace lb::server {
namespace {

using admin::CommandError;
using admin::CommandResult;
using admin::Refused;
using upstream::Roster;

std::uint64_t resident_octets(int statm) {
  std::array<char, 128> text{};
  const auto count = statm < 0 ? -1 : ::pread(statm, text.data(), text.size(), 0);
  if (count <= 0) return 0;
  const std::string_view fields{text.data(), static_cast<std::size_t>(count)};
  const auto resident = fields.substr(std::min(fields.find(' ') + 1, fields.size()));
  std::uint64_t pages = 0;
  std::from_chars(resident.data(), resident.data() + resident.size(), pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What the roster made of a command, in words.
CommandResult told(Roster::Answer answer, std::string_view upstream, std::string_view endpoint,
                   const std::string& done) {
  const auto name = std::string{upstream} + '/' + std::string{endpoint};
  switch (answer) {
    case Roster::Answer::Done:
      return name + ' ' + done;
    case Roster::Answer::NoUpstream:
      return CommandError{
          Refused::NotFound, "There is no upstream \"" + std::string{upstream} + "\".", {}};
    case Roster::Answer::NoEndpoint:
      return CommandError{Refused::NotFound, "There is no endpoint \"" + name + "\".", {}};
    case Roster::Answer::Exists:
      return CommandError{Refused::Conflict, "There is an endpoint \"" + name + "\" already.", {}};
    case Roster::Answer::Full:
      return CommandError{Refused::Conflict, "The upstream has as many as it can have.", {}};
  }
  return CommandError{Refused::Failed, "It did not work.", {}};
}

}  // namespace

ServerControl::ServerControl(Server::Impl& impl)
    : impl_{impl},
      started_{common::wall_now()},
      memory_{::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)} {}

ServerControl::~ServerControl() {
  if (memory_ >= 0) ::close(memory_);
}

admin::Status ServerControl::status() const {
  admin::Status out;
  out.process = process();
  out.totals = totals();
  out.listeners = listeners();
  out.routes = routes();
  out.upstreams = upstreams();
  out.errors = errors();
  return out;
}

admin::ProcessStatus ServerControl::process() const {
  admin::ProcessStatus out;
  out.version = common::kVersion;
  out.pid = static_cast<std::uint32_t>(::getpid());
  out.started = started_;
  out.workers = static_cast<std::uint32_t>(impl_.workers.size());
  out.draining = impl_.draining;
  out.config_file = impl_.invocation.config;
  out.generation = impl_.generation;
  if (impl_.last_reload.at != common::WallTime{}) out.last_reload = impl_.last_reload;
  out.log_level = common::log_level();
  out.memory_bytes = resident_octets(memory_);
  std::uint64_t lag_us = 0;
  for (const auto& worker : impl_.counters) lag_us = std::max(lag_us, worker->loop_lag_us.value());
  if (!impl_.counters.empty()) out.loop_lag_seconds = static_cast<double>(lag_us) / 1e6;
  if (!impl_.fleet) return out;
  const auto readiness = impl_.readiness();
  out.ready = readiness.status == 200;
  for (std::size_t at = 0; !out.ready && at < readiness.body.size();) {
    const auto end = std::min(readiness.body.find('\n', at), readiness.body.size());
    out.not_ready.push_back(readiness.body.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

admin::Totals ServerControl::totals() const {
  admin::Totals out;
  for (const auto bound : telemetry::kDurationBounds)
    out.durations.bounds.push_back(std::chrono::duration<double>(bound).count());
  out.durations.buckets.resize(out.durations.bounds.size() + 1);
  for (const auto& worker : impl_.counters) {
    out.bytes_received += worker->bytes_received.value();
    out.bytes_sent += worker->bytes_sent.value();
    out.client_connections += worker->client_connections.value();
    out.client_connections_now += worker->active_client_connections.value();
    out.upstream_connections += worker->upstream_connections.value();
    out.upstream_connections_now += worker->active_upstream_connections.value();
    out.requests_now += worker->active_requests.value();
    for (const auto& retry : worker->retries) out.retries += retry.value();
    for (const auto& refusal : worker->refusals) out.refused += refusal.value();
  }
  if (!impl_.registry) return out;
  std::set<const telemetry::HttpSeries*> seen;  // routes of one name share theirs
  for (const auto& series : impl_.registry->current()->all_http()) {
    if (!seen.insert(series.get()).second) continue;
    for (std::size_t worker = 0; worker < impl_.counters.size(); ++worker) {
      const auto* const counters = series->look(worker);
      if (counters == nullptr) continue;
      counters->for_each([&out](std::size_t, unsigned status, std::uint64_t count) {
        out.by_class[std::min<std::size_t>(status / 100 - 1, 4)] += count;
      });
      for (std::size_t i = 0; i < out.durations.buckets.size(); ++i)
        out.durations.buckets[i] += counters->durations().buckets[i].value();
    }
  }
  follow_latencies();
  return out;
}

CommandResult ServerControl::drain(std::string_view upstream, std::string_view endpoint) {
  return told(impl_.fleet->roster().set_draining(upstream, endpoint, true, common::Clock::now()),
              upstream, endpoint, "is draining");
}

CommandResult ServerControl::undrain(std::string_view upstream, std::string_view endpoint) {
  return told(impl_.fleet->roster().set_draining(upstream, endpoint, false, common::Clock::now()),
              upstream, endpoint, "takes clients again");
}

CommandResult ServerControl::set_weight(std::string_view upstream, std::string_view endpoint,
                                        std::uint32_t weight) {
  return told(impl_.fleet->roster().set_weight(upstream, endpoint, weight, common::Clock::now()),
              upstream, endpoint, "has weight " + std::to_string(weight));
}

CommandResult ServerControl::add(std::string_view upstream, const admin::NewEndpoint& made) {
  const auto address = common::SocketAddress::parse(made.address);
  if (!address || address->port == 0)
    return CommandError{Refused::BadValue,
                        '"' + made.address + "\" is no address and port, such as 10.0.0.23:8080.",
                        {}};
  if (!made.name.empty() && !discovery::is_endpoint_name(made.name))
    return CommandError{
        Refused::BadValue, "name is up to 64 letters, digits and any of - . _ : [ ].", {}};
  upstream::EndpointSource source;
  source.from = upstream::FixedEndpoint{*address, made.name};
  source.weight = made.weight;
  source.tier = made.backup ? upstream::kBackupTier : made.tier;
  source.most_connections = made.most_connections;
  return told(impl_.fleet->roster().add(upstream, source, common::Clock::now()), upstream,
              made.name.empty() ? address->to_string() : made.name, "was added");
}

CommandResult ServerControl::remove(std::string_view upstream, std::string_view endpoint) {
  return told(impl_.fleet->roster().remove(upstream, endpoint, common::Clock::now()), upstream,
              endpoint, "was removed");
}

CommandResult ServerControl::reload() { return impl_.reload(); }

CommandResult ServerControl::offer_close(std::chrono::seconds how_long) {
  const auto until = common::Clock::now() + how_long;
  for (const auto& worker : impl_.workers) worker->offer_close_until(until);
  if (how_long == std::chrono::seconds{0}) return std::string{"Connections are kept again."};
  return "Every answer of the next " + std::to_string(how_long.count()) +
         " seconds ends its connection.";
}

CommandResult ServerControl::set_log_level(common::LogLevel level) {
  common::set_log_level(level);
  return std::string{"The log level is set until a reload."};
}

}  // namespace lb::server
