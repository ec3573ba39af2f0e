#include "vrrpd/programs/runner.hpp"

#include "common/log.hpp"
#include "vrrpd/programs/message.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace vrrp::programs {
namespace {

constexpr common::Log kLog{"vrrp.programs"};

}  // namespace

Runner::Runner(boost::asio::io_context& context, link::Descriptor helper)
    : context_{context}, socket_{context, ::fcntl(helper.number(), F_DUPFD_CLOEXEC, 0)} {
  wait();
}

void Runner::run(const Program& program, OnEnded on_ended) {
  if (!socket_.is_open()) return fail(std::move(on_ended), "the helper process is gone");
  if (orders_.size() >= kMostOrders) return fail(std::move(on_ended), "too many programs wait");
  const auto id = ++next_id_;
  const auto octets = encode(Order{id, program});
  if (octets.empty()) return fail(std::move(on_ended), "the command is too long");
  if (::send(socket_.native_handle(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL) <
      0)
    return fail(std::move(on_ended), "the helper process does not listen");
  orders_.emplace(id, std::move(on_ended));
}

void Runner::stop() {
  socket_.close();
  orders_.clear();
}

void Runner::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](boost::system::error_code error) {
                       if (error) return;
                       read();
                       if (socket_.is_open()) wait();
                     });
}

void Runner::read() {
  std::array<char, 2 * kMostOutput> buffer{};
  const auto size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return lose();
  const auto outcome = decode_outcome({buffer.data(), static_cast<std::size_t>(size)});
  if (!outcome) return;
  auto found = orders_.extract(outcome->id);
  if (!found.empty()) found.mapped()(outcome->ended);
}

void Runner::lose() {
  kLog.error(
      "the process that runs programs is gone: no scripts, no notifications until a restart");
  socket_.close();
  for (auto& [id, on_ended] : std::exchange(orders_, {}))
    on_ended({.how = How::NotStarted, .output = "the helper process is gone"});
}

void Runner::fail(OnEnded on_ended, const char* why) {
  boost::asio::post(context_, [on_ended = std::move(on_ended), why] {
    on_ended({.how = How::NotStarted, .output = why});
  });
}

}  // namespace vrrp::programs
