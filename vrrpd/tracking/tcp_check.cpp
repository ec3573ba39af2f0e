#include "vrrpd/tracking/tcp_check.hpp"

#include "vrrpd/tracking/endpoint.hpp"

#include <boost/beast/core/tcp_stream.hpp>

#include <memory>
#include <utility>

namespace vrrp::tracking {

TcpCheck::TcpCheck(boost::asio::io_context& context, const TrackOptions& options,
                   OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      address_{std::get<TcpTarget>(options.target).address},
      timeout_{options.timeout} {}

void TcpCheck::ask(Answer answer) {
  auto stream = std::make_shared<boost::beast::tcp_stream>(context());
  stream->expires_after(timeout_);
  stream->async_connect(to_endpoint(address_),
                        [stream, answer = std::move(answer)](boost::system::error_code error) {
                          stream->close();
                          answer({.good = !error});
                        });
}

}  // namespace vrrp::tracking
