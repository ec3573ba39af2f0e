#include "lb/upstream/secure.hpp"

#include "lb/tls/handshake.hpp"

namespace lb::upstream {

net::Awaitable<boost::system::error_code> secure(Connection& opened, Endpoint& endpoint,
                                                 const UpstreamOptions& options,
                                                 telemetry::TlsCounters& counters) {
  if (!options.tls) co_return boost::system::error_code{};
  auto& stream = opened.stream;
  opened.secured_by = options.tls;
  if (!endpoint.session) endpoint.session = std::make_shared<tls::SessionSlot>();
  auto layer = options.tls->connect(stream.socket().native_handle(),
                                    endpoint.address.address().to_string(), endpoint.session);
  auto& connection = *layer;
  stream.put_on(std::move(layer));
  if (co_await tls::shake_hands(stream, connection)) {
    const auto [tls13, resumed] = connection.agreed();
    counters.add_handshake(tls13, resumed);
    co_return boost::system::error_code{};
  }
  counters.failures[static_cast<std::size_t>(connection.failure())].add();
  co_return net::asio::error::connection_refused;
}

}  // namespace lb::upstream
