#include "vrrpd/tracking/host_check.hpp"

#include "vrrpd/tracking/endpoint.hpp"

#include <boost/asio/ip/icmp.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <unistd.h>
#include <utility>

namespace vrrp::tracking {

namespace asio = boost::asio;
using asio::ip::icmp;
using boost::system::error_code;

namespace {

using EchoRequest = std::array<std::uint8_t, 8>;

EchoRequest echo_request(bool v6, std::uint16_t id, std::uint16_t sequence) {
  EchoRequest request{static_cast<std::uint8_t>(v6 ? 128 : 8)};
  request[4] = static_cast<std::uint8_t>(id >> 8U);
  request[5] = static_cast<std::uint8_t>(id);
  request[6] = static_cast<std::uint8_t>(sequence >> 8U);
  request[7] = static_cast<std::uint8_t>(sequence);
  if (v6) return request;  // the kernel writes the checksum of ICMPv6
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < request.size(); i += 2)
    sum += static_cast<std::uint32_t>(request[i] << 8U | request[i + 1]);
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  request[2] = static_cast<std::uint8_t>(~sum >> 8U);
  request[3] = static_cast<std::uint8_t>(~sum);
  return request;
}

}  // namespace

struct HostCheck::Question : std::enable_shared_from_this<Question> {
  Question(asio::io_context& context, Answer on_answer)
      : answer{std::move(on_answer)}, socket{context}, timer{context} {}

  void run(const common::IpAddress& address, std::uint16_t sequence,
           std::chrono::milliseconds timeout) {
    v6 = !address.is_v4();
    request = echo_request(v6, static_cast<std::uint16_t>(::getpid()), sequence);
    error_code failed;
    socket.open(v6 ? icmp::v6() : icmp::v4(), failed);
    // Connected, it receives from that host alone.
    if (!failed) socket.connect({to_asio(address), 0}, failed);
    if (!failed) socket.send(asio::buffer(request), 0, failed);
    if (failed) return answer({.good = false});
    timer.expires_after(timeout);
    timer.async_wait([self = shared_from_this()](error_code aborted) {
      if (!aborted) self->over(false);
    });
    read();
  }

  void read() {
    socket.async_receive(asio::buffer(reply),
                         [self = shared_from_this()](error_code error, std::size_t size) {
                           if (error) return self->over(false);
                           if (self->is_answer(size)) return self->over(true);
                           self->read();
                         });
  }

  bool is_answer(std::size_t size) const {
    // An IPv4 raw socket hands over the IP header, too.
    const std::size_t at = v6 ? 0 : (reply[0] & 0x0FU) * std::size_t{4};
    if (size < at + request.size() || reply[at] != (v6 ? 129 : 0)) return false;
    return std::equal(request.begin() + 4, request.end(),
                      reply.begin() + static_cast<std::ptrdiff_t>(at) + 4);
  }

  void over(bool good) {
    timer.cancel();
    error_code ignored;
    socket.close(ignored);
    if (const auto told = std::exchange(answer, nullptr)) told({.good = good});
  }

  Answer answer;
  icmp::socket socket;
  asio::steady_timer timer;
  EchoRequest request{};
  std::array<std::uint8_t, 256> reply{};
  bool v6{false};
};

HostCheck::HostCheck(asio::io_context& context, const TrackOptions& options, OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      address_{std::get<HostTarget>(options.target).address},
      timeout_{options.timeout} {}

void HostCheck::ask(Answer answer) {
  std::make_shared<Question>(context(), std::move(answer))->run(address_, ++sequence_, timeout_);
}

}  // namespace vrrp::tracking
