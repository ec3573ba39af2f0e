#include "tests/bench/bench.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

/// What one message costs the side that answers it, by the way it is woken: 64 connections on the
/// loopback, each with one message of 100 octets under way.
namespace bench {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kMessage = 100;
constexpr std::size_t kMessages = 400'000;

struct Pair {
  int near;
  int far;
};

Pair connected() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, any, size) != 0 || ::listen(listener, 1) != 0 ||
      ::getsockname(listener, any, &size) != 0)
    throw std::runtime_error{"no listener"};
  const int near = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(near, any, size) != 0) throw std::runtime_error{"no connection"};
  const int far = ::accept(listener, nullptr, nullptr);
  ::close(listener);
  const int on = 1;
  for (const int side : {near, far}) ::setsockopt(side, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {near, far};
}

/// Sends on every connection and again behind every answer, until `count` answers have come.
void drive(std::span<const Pair> pairs, std::size_t count) {
  std::array<char, kMessage> message{};
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (const auto& pair : pairs) {
    epoll_event event{EPOLLIN, {.fd = pair.near}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, pair.near, &event);
    ::send(pair.near, message.data(), message.size(), 0);
  }
  std::array<epoll_event, kConnections> events;
  for (std::size_t answered = 0; answered < count;) {
    const int ready = ::epoll_wait(epoll, events.data(), kConnections, -1);
    for (int i = 0; i < ready; ++i) {
      const int near = events[static_cast<std::size_t>(i)].data.fd;
      ::recv(near, message.data(), message.size(), MSG_WAITALL);
      ::send(near, message.data(), message.size(), 0);
      ++answered;
    }
  }
  ::close(epoll);
}

std::uint64_t by_epoll(std::span<const Pair> pairs, std::atomic<bool>& over, int most) {
  std::array<char, kMessage> message;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (const auto& pair : pairs) {
    epoll_event event{EPOLLIN | EPOLLET, {.fd = pair.far}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, pair.far, &event);
  }
  std::array<epoll_event, 128> events;
  std::uint64_t count = 0;
  while (!over) {
    const int ready = ::epoll_wait(epoll, events.data(), most, 50);
    for (int i = 0; i < ready; ++i) {
      const int far = events[static_cast<std::size_t>(i)].data.fd;
      if (::recv(far, message.data(), message.size(), MSG_DONTWAIT) <= 0) continue;
      ::send(far, message.data(), message.size(), MSG_NOSIGNAL);
      ++count;
    }
  }
  ::close(epoll);
  return count;
}

/// The least of io_uring that serves: receive and send as single operations, all that became ready
/// submitted with the next wait.
class Ring {
 public:
  explicit Ring(unsigned entries) {
    io_uring_params params{};
    params.flags = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER;
    descriptor_ = static_cast<int>(::syscall(SYS_io_uring_setup, entries, &params));
    if (descriptor_ < 0) throw std::runtime_error{std::string{"io_uring: "} + std::strerror(errno)};
    const auto ring_size =
        std::max<std::size_t>(params.sq_off.array + params.sq_entries * sizeof(unsigned),
                              params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe));
    auto* ring = map(ring_size, IORING_OFF_SQ_RING);
    entries_ = reinterpret_cast<io_uring_sqe*>(
        map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    const auto at = [ring](std::uint32_t offset) {
      return reinterpret_cast<std::atomic<unsigned>*>(ring + offset);
    };
    sq_tail_ = at(params.sq_off.tail);
    sq_mask_ = *reinterpret_cast<unsigned*>(ring + params.sq_off.ring_mask);
    sq_array_ = reinterpret_cast<unsigned*>(ring + params.sq_off.array);
    cq_head_ = at(params.cq_off.head);
    cq_tail_ = at(params.cq_off.tail);
    cq_mask_ = *reinterpret_cast<unsigned*>(ring + params.cq_off.ring_mask);
    completions_ = reinterpret_cast<io_uring_cqe*>(ring + params.cq_off.cqes);
  }
  ~Ring() { ::close(descriptor_); }

  void add(std::uint8_t operation, int socket, void* memory, unsigned size, std::uint64_t tag) {
    const auto tail = sq_tail_->load(std::memory_order_relaxed);
    auto& entry = entries_[tail & sq_mask_];
    entry = {};
    entry.opcode = operation;
    entry.fd = socket;
    entry.addr = reinterpret_cast<std::uint64_t>(memory);
    entry.len = size;
    entry.user_data = tag;
    sq_array_[tail & sq_mask_] = tail & sq_mask_;
    sq_tail_->store(tail + 1, std::memory_order_release);
    ++added_;
  }
  template <class Visit>
  void wait(Visit visit) {
    ::syscall(SYS_io_uring_enter, descriptor_, std::exchange(added_, 0U), 1, IORING_ENTER_GETEVENTS,
              nullptr, 0);
    auto head = cq_head_->load(std::memory_order_relaxed);
    for (; head != cq_tail_->load(std::memory_order_acquire); ++head)
      visit(completions_[head & cq_mask_]);
    cq_head_->store(head, std::memory_order_release);
  }

 private:
  char* map(std::size_t size, off_t what) const {
    void* memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor_, what);
    if (memory == MAP_FAILED) throw std::runtime_error{"io_uring cannot be mapped"};
    return static_cast<char*>(memory);
  }

  int descriptor_;
  unsigned added_{0};
  io_uring_sqe* entries_;
  std::atomic<unsigned>* sq_tail_;
  unsigned sq_mask_;
  unsigned* sq_array_;
  std::atomic<unsigned>* cq_head_;
  std::atomic<unsigned>* cq_tail_;
  unsigned cq_mask_;
  io_uring_cqe* completions_;
};

std::uint64_t by_ring(std::span<const Pair> pairs, std::atomic<bool>& over, int) {
  Ring ring{256};
  std::vector<std::array<char, kMessage>> messages(pairs.size());
  constexpr std::uint64_t kSent = 1U << 16U;
  const auto receive = [&](std::size_t i) {
    ring.add(IORING_OP_RECV, pairs[i].far, messages[i].data(), kMessage, i);
  };
  for (std::size_t i = 0; i < pairs.size(); ++i) receive(i);
  std::uint64_t count = 0;
  while (!over) {
    ring.wait([&](const io_uring_cqe& done) {
      const auto i = static_cast<std::size_t>(done.user_data & (kSent - 1));
      if (done.user_data & kSent) {
        receive(i);
      } else if (done.res > 0) {
        ring.add(IORING_OP_SEND, pairs[i].far, messages[i].data(), kMessage, i | kSent);
        ++count;
      }
    });
  }
  return count;
}

template <class Answer>
void measure(const char* name, Answer answer, int most) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < kConnections; ++i) pairs.push_back(connected());
  std::atomic<bool> over{false};
  std::uint64_t count = 0;
  std::uint64_t spent = 0;
  std::thread answering{[&] {
    const auto before = thread_cpu_ns();
    try {
      count = answer(pairs, over, most);
    } catch (const std::exception& error) {
      std::printf("%-44s %s\n", name, error.what());
    }
    spent = thread_cpu_ns() - before;
  }};
  if (answering.joinable()) drive(pairs, kMessages);
  over = true;
  for (const auto& pair : pairs) ::shutdown(pair.near, SHUT_RDWR);
  answering.join();
  for (const auto& pair : pairs) {
    ::close(pair.near);
    ::close(pair.far);
  }
  if (count > 0)
    report(name, static_cast<double>(spent) / static_cast<double>(count), "ns a message");
}

}  // namespace

void wakeups() {
  measure("epoll, one event a wake-up", by_epoll, 1);
  measure("epoll, up to 128 events a wake-up", by_epoll, 128);
  measure("io_uring, submitted with the wait", by_ring, 0);
}

}  // namespace bench
