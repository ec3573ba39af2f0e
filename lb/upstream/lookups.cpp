#include "lb/upstream/lookups.hpp"

#include "lb/discovery/dns_watch.hpp"
#include "lb/discovery/file_watch.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace lb::upstream {

using discovery::DnsName;
using discovery::EndpointFile;
using discovery::SrvName;

struct Lookups::Lookup {
  std::string upstream;
  std::size_t source{0};  // by its place in the upstream, which a new configuration may change
  decltype(EndpointSource::from) from;
  std::optional<discovery::DnsWatch> dns{};
  std::optional<discovery::FileWatch> file{};

  void start(boost::asio::io_context& context, Roster& roster,
             const discovery::ResolverOptions& resolver) {
    discovery::Listener listener{[this, &roster](const auto& found) {
                                   roster.on_found(upstream, source, found, common::Clock::now());
                                 },
                                 [this, &roster](std::string reason) {
                                   roster.on_source_failed(upstream, source, std::move(reason),
                                                           common::Clock::now());
                                 }};
    if (const auto* name = std::get_if<DnsName>(&from))
      dns.emplace(context, *name, resolver, std::move(listener));
    else if (const auto* service = std::get_if<SrvName>(&from))
      dns.emplace(context, *service, resolver, std::move(listener));
    else
      file.emplace(context, std::get<EndpointFile>(from), std::move(listener));
  }
};

Lookups::Lookups(boost::asio::io_context& context, Roster& roster)
    : context_{context}, roster_{roster} {}

Lookups::~Lookups() = default;

void Lookups::follow(const std::vector<UpstreamOptions>& upstreams,
                     const discovery::ResolverOptions& resolver) {
  auto before = std::exchange(lookups_, {});
  const bool same_resolver = resolver == std::exchange(resolver_, resolver);
  for (const auto& upstream : upstreams) {
    for (std::size_t i = 0; i < upstream.endpoints.size(); ++i) {
      const auto& from = upstream.endpoints[i].from;
      if (std::holds_alternative<FixedEndpoint>(from)) continue;
      const auto kept = std::find_if(before.begin(), before.end(), [&](const auto& lookup) {
        return lookup && lookup->upstream == upstream.name && lookup->from == from &&
               (lookup->file || same_resolver);
      });
      auto& lookup = lookups_.emplace_back(kept == before.end() ? std::make_unique<Lookup>()
                                                                : std::exchange(*kept, nullptr));
      lookup->source = i;
      if (kept != before.end()) continue;
      lookup->upstream = upstream.name;
      lookup->from = from;
      lookup->start(context_, roster_, resolver_);
    }
  }
}

void Lookups::stop() { lookups_.clear(); }

}  // namespace lb::upstream
