#include "lb/upstream/fleet.hpp"

#include "lb/upstream/lookups.hpp"

#include <map>
#include <utility>

namespace lb::upstream {

struct Fleet::Impl {
  Impl(boost::asio::io_context& context, std::size_t workers, Roster::Publish publish)
      : roster{workers,
               [this, publish = std::move(publish)](const auto& upstream, const auto& view) {
                 publish(upstream, view);
                 if (!stopped) prober.follow(*roster.options(upstream), *view);
               }},
        prober{context,
               [this](auto upstream, auto endpoint, CheckReport report) {
                 return roster.on_check(upstream, endpoint, std::move(report),
                                        common::Clock::now());
               }},
        lookups{context, roster},
        timer{context.get_executor()} {}

  Roster roster;
  Prober prober;
  std::map<std::string, std::shared_ptr<PlaceQueue>, std::less<>> queues;
  Lookups lookups;
  net::Timer timer;
  bool waits{false};
  bool stopped{false};

  void configure(const std::vector<UpstreamOptions>& upstreams,
                 const discovery::ResolverOptions& resolver) {
    const auto before = roster.upstreams();
    roster.configure(upstreams, common::Clock::now());
    for (const auto& name : before) {
      if (roster.options(name) != nullptr) continue;
      prober.forget(name);
      queues.erase(name);
    }
    // What is checked may be the same endpoints in another way.
    for (const auto& options : upstreams) prober.follow(options, *roster.view(options.name));
    lookups.follow(upstreams, resolver);
    sleep();
  }

  /// Until the roster has something to do.
  void sleep() {
    const auto due = roster.next_deadline();
    if (stopped || (waits && timer.expiry() == due)) return;
    waits = true;
    timer.expires_at(due);
    timer.async_wait([this](boost::system::error_code aborted) {
      if (aborted) return;
      waits = false;
      roster.advance(common::Clock::now());
      sleep();
    });
  }
};

Fleet::Fleet(boost::asio::io_context& context, std::size_t workers, Roster::Publish publish)
    : impl_{std::make_unique<Impl>(context, workers, std::move(publish))} {}

Fleet::~Fleet() = default;
void Fleet::configure(const std::vector<UpstreamOptions>& upstreams,
                      const discovery::ResolverOptions& resolver) {
  impl_->configure(upstreams, resolver);
}
void Fleet::stop() {
  impl_->stopped = true;
  impl_->prober.stop();
  impl_->lookups.stop();
  impl_->timer.cancel();
}
std::shared_ptr<PlaceQueue> Fleet::queue(const std::string& upstream) {
  auto& queue = impl_->queues[upstream];
  if (!queue) queue = std::make_shared<PlaceQueue>();
  return queue;
}
void Fleet::on_passive(std::string_view upstream, std::string_view endpoint,
                       health::PassiveEvent event) {
  impl_->roster.on_passive(upstream, endpoint, event, common::Clock::now());
  impl_->sleep();
}
Roster& Fleet::roster() { return impl_->roster; }
const Roster& Fleet::roster() const { return impl_->roster; }

}  // namespace lb::upstream
