#include "tests/simulation/proxy_stage.hpp"

#include "lb/net/stream.hpp"
#include "lb/proxy/client_session.hpp"

namespace simulation {
namespace {

using namespace lb;

/// Small, so that small messages meet the bounds: a body beyond 16 octets is streamed.
proxy::ProxyOptions options() {
  proxy::ProxyOptions made;
  made.limits.replay = common::Bytes{16};
  made.limits.body = common::Bytes{4096};
  return made;
}

std::shared_ptr<proxy::Site> make_site(const upstream::RosterView& endpoints) {
  auto site = std::make_shared<proxy::Site>();
  site->options = options();
  site->routes = routing::RouteTable{{routing::Route{}}};
  site->chains.resize(1);
  site->bounds.push_back(proxy::bounds_of(site->options));
  telemetry::SeriesRegistry registry{1};
  site->series = registry.install({{"stage"}, {"all"}, {"scripted"}});
  upstream::UpstreamOptions upstream;
  upstream.name = "scripted";
  upstream.retry.backoff = {};  // a real timer
  upstream.retry.budget.least_per_second = 1'000'000;
  site->upstreams.push_back(
      std::make_shared<upstream::Upstream>(upstream, 0, std::make_shared<upstream::PlaceQueue>()));
  site->upstreams[0]->apply(std::make_shared<upstream::RosterView>(endpoints));
  return site;
}

upstream::RosterView roster(const std::vector<std::uint16_t>& ports) {
  upstream::RosterView view;
  for (const auto port : ports) {
    upstream::EndpointState state;
    state.name = "127.0.0.1:" + std::to_string(port);
    state.address = {net::asio::ip::address_v4::loopback(), port};
    state.shared = std::make_shared<upstream::EndpointShared>(1);
    view.push_back(state);
  }
  return view;
}

}  // namespace

Stage::Stage(const std::vector<std::uint16_t>& endpoints)
    : endpoints_{roster(endpoints)},
      context_{1},
      worker_{.executor = context_.get_executor(),
              .number = 0,
              .site = make_site(endpoints_),
              .counters = std::make_shared<telemetry::WorkerCounters>(),
              .buffers = net::BufferPool{http1::Limits{}.head + proxy::kAddedFields},
              .wheel = net::DeadlineWheel{now_},
              .access_log = {},
              .request_ids = proxy::RequestIds{1},
              .date = http::date_text({})} {}

Stage::~Stage() { worker_.site.reset(); }

Wire Stage::connect() {
  auto wire = door_.connect();
  net::Socket socket{worker_.executor};
  socket.assign(net::asio::ip::tcp::v4(), door_.accept());
  proxy::serve_client(worker_, std::move(socket), common::IpAddress{},
                      worker_.site->series->listener("stage"));
  return wire;
}

bool Stage::run() {
  context_.restart();  // it stops whenever nobody is there
  return context_.poll() > 0;
}

void Stage::pass_time() {
  now_ += std::chrono::hours{1};
  worker_.wheel.advance(now_);
}

void Stage::close_idle() {
  for (const auto& upstream : worker_.site->upstreams) upstream->close_idle();
}

std::size_t Stage::sessions() const {
  return static_cast<std::size_t>(worker_.counters->active_client_connections.value());
}

std::size_t Stage::buffers_lent() const {
  return worker_.buffers.lent() + worker_.relay_buffers.lent();
}

std::size_t Stage::in_flight() const {
  std::size_t total = 0;
  for (const auto& endpoint : endpoints_) total += endpoint.shared->in_flight.load();
  return total;
}

}  // namespace simulation
