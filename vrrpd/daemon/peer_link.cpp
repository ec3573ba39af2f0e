#include "vrrpd/daemon/peer_link.hpp"

#include <ctime>
#include <sys/random.h>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.peers"};

std::uint64_t random_number() {
  std::uint64_t number = 0;
  // Never partial for so few octets (getrandom(2)); without a number there is no session.
  if (::getrandom(&number, sizeof(number), 0) != sizeof(number)) return 0;
  return number;
}

/// Nanoseconds since the machine was started: grows over restarts of the process, too.
std::uint64_t sequence_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

PeerLink::PeerLink(boost::asio::io_context& context, Segment& segment, Family family,
                   const handover::HandoverOptions& options)
    : segment_{segment},
      family_{family},
      options_{options},
      waiter_{context, [this] { drain(); }},
      sessions_{random_number} {}

void PeerLink::look() {
  const int index = segment_.interface().index;
  if (socket_ && index == opened_for_) return;
  close();
  if (index == 0) return;
  auto socket = link::PeerSocket::open(segment_.name(), index, family_, options_.port);
  if (!socket) {
    kLog.error("no word with the other routers: planned moves break connections",
               {{"interface", segment_.name()},
                {"port", options_.port},
                {"reason", socket.error().message()}});
    return;
  }
  socket_.emplace(std::move(*socket));
  opened_for_ = index;
  waiter_.watch(socket_->descriptor());
}

void PeerLink::close() {
  waiter_.forget();
  socket_.reset();
}

void PeerLink::drain() {
  for (int i = 0; socket_ && i < kMostMessagesATurn; ++i) {
    const auto received = socket_->receive();
    if (!received) return;
    take(*received);
  }
}

void PeerLink::take(const link::PeerSocket::Received& received) {
  const auto message = handover::decode(received.message, *options_.key);
  if (!message) {
    ++refused_[static_cast<std::size_t>(message.error())];
    if (limit_.admits(common::Clock::now()))
      kLog.warn("word of another router refused", {{"interface", segment_.name()},
                                                   {"reason", handover::name(message.error())},
                                                   {"source", received.source.to_string()},
                                                   {"not_logged", limit_.suppressed()}});
    return;
  }
  if (received.source == segment_.primary(family_)) return;
  const auto verdict = sessions_.judge(received.source, message->stamp, sequence_now());
  if (verdict.fresh) {
    const auto member = members_.find(message->vrid);
    if (member != members_.end() && message->family == family_)
      member->second(received.source, *message);
    return;
  }
  const auto now = common::Clock::now();
  if (!verdict.reply || now < next_reply_) return;
  next_reply_ = now + kReplyDistance;
  send(received.source, {.kind = handover::Kind::Echo,
                         .vrid = message->vrid,
                         .family = message->family,
                         .stamp = *verdict.reply});
}

void PeerLink::say(const common::IpAddress& to, handover::Message message) {
  message.family = family_;
  message.stamp = sessions_.next(to, sequence_now());
  send(to, message);
}

void PeerLink::send(const common::IpAddress& to, const handover::Message& message) {
  if (!socket_ || !segment_.primary(family_)) return;
  const auto octets = handover::encode(message, *options_.key);
  // What is lost is said again by who needs the answer.
  if (const auto sent = socket_->send(octets, *segment_.primary(family_), to); !sent)
    kLog.debug("word not sent", {{"to", to.to_string()}, {"reason", sent.error().message()}});
}

}  // namespace vrrp::daemon
