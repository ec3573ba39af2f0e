#include "lb/discovery/dns_query.hpp"

#include "common/bytes.hpp"
#include "common/time.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <ares.h>
#include <arpa/nameser.h>
#include <array>
#include <cstring>
#include <map>
#include <netdb.h>
#include <span>
#include <utility>

namespace lb::discovery {

using boost::system::error_code;
using Descriptor = net::asio::posix::basic_stream_descriptor<net::Executor>;

namespace {

/// c-ares wants its process-wide state set up once, before any thread needs it.
int library_status() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  return status;
}

/// A socket of c-ares: we wait for it, c-ares reads, writes and closes it.
struct Watched {
  explicit Watched(net::Executor executor, int socket) : descriptor{executor, socket} {}
  Descriptor descriptor;
  bool wants_read{false};
  bool wants_write{false};
  bool waits_read{false};
  bool waits_write{false};
};

int to_type(RecordType type) {
  switch (type) {
    case RecordType::A:
      return ns_t_a;
    case RecordType::Aaaa:
      return ns_t_aaaa;
    case RecordType::Srv:
      break;
  }
  return ns_t_srv;
}

}  // namespace

std::string_view describe(DnsFault fault) {
  switch (fault.status) {
    case ARES_ENODATA:
      return "the name has no such record";
    case ARES_ENOTFOUND:
      return "there is no such name";
    case ARES_ESERVFAIL:
      return "the name server failed";
    case ARES_EREFUSED:
      return "the name server refused";
    case ARES_ECONNREFUSED:
      return "no name server can be reached";
    case ARES_ETIMEOUT:
      return "no name server answered in time";
    case ARES_EBADRESP:
    case ARES_EFORMERR:
      return "the answer made no sense";
    default:
      return ares_strerror(fault.status);
  }
}

class DnsChannel::Question {
 public:
  explicit Question(net::Executor executor) : wake{executor, common::TimePoint::max()} {}
  net::Timer wake;
  bool answered{false};
  int status{ARES_SUCCESS};
  std::vector<std::uint8_t> message;

  static void on_answer(void* self, int status, int /*timeouts*/, unsigned char* octets, int size) {
    const std::unique_ptr<std::shared_ptr<Question>> held{
        static_cast<std::shared_ptr<Question>*>(self)};
    auto& question = **held;
    question.answered = true;
    question.status = status;
    if (octets != nullptr && size > 0) question.message.assign(octets, octets + size);
    question.wake.cancel();
  }
};

struct DnsChannel::Impl : std::enable_shared_from_this<DnsChannel::Impl> {
  Impl(net::Executor e, const ResolverOptions& options) : executor{e}, timer{e} {
    ares_options wanted{};
    wanted.timeout = static_cast<int>(options.timeout.count());
    wanted.tries = static_cast<int>(options.attempts);
    wanted.sock_state_cb = &Impl::on_socket;
    wanted.sock_state_cb_data = this;
    status = library_status();
    if (status == ARES_SUCCESS)
      status = ares_init_options(&channel, &wanted,
                                 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS || options.servers.empty()) return;
    std::string servers;
    for (const auto& server : options.servers)
      servers.append(servers.empty() ? "" : ",").append(server.to_string());
    status = ares_set_servers_ports_csv(channel, servers.c_str());
  }

  net::Executor executor;
  net::Timer timer;
  ares_channel channel{nullptr};
  int status{ARES_SUCCESS};
  std::map<int, std::shared_ptr<Watched>> sockets;

  static void on_socket(void* self, int socket, int readable, int writable) {
    static_cast<Impl*>(self)->watch(socket, readable != 0, writable != 0);
  }

  void watch(int socket, bool read, bool write) {
    auto& watched = sockets[socket];
    if (!read && !write) {
      if (watched) watched->descriptor.release();  // c-ares closes it
      sockets.erase(socket);
      return;
    }
    if (!watched) watched = std::make_shared<Watched>(executor, socket);
    watched->wants_read = read;
    watched->wants_write = write;
    wait_for(socket, watched);
  }

  void wait_for(int socket, const std::shared_ptr<Watched>& watched) {
    const auto wait = [&](bool wanted, bool Watched::*waits, Descriptor::wait_type kind) {
      if (!wanted || std::exchange((*watched).*waits, true)) return;
      watched->descriptor.async_wait(
          kind, [self = shared_from_this(), socket, watched, waits, kind](error_code aborted) {
            (*watched).*waits = false;
            const auto known = self->sockets.find(socket);
            if (aborted || known == self->sockets.end() || known->second != watched) return;
            const bool reads = kind == Descriptor::wait_read;
            ares_process_fd(self->channel, reads ? socket : ARES_SOCKET_BAD,
                            reads ? ARES_SOCKET_BAD : socket);
            const auto still = self->sockets.find(socket);
            if (still != self->sockets.end() && still->second == watched)
              self->wait_for(socket, watched);
            self->set_timer();
          });
    };
    wait(watched->wants_read, &Watched::waits_read, Descriptor::wait_read);
    wait(watched->wants_write, &Watched::waits_write, Descriptor::wait_write);
  }

  void set_timer() {
    timeval room{};
    const auto* left = channel == nullptr ? nullptr : ares_timeout(channel, nullptr, &room);
    if (left == nullptr) {
      timer.cancel();
      return;
    }
    timer.expires_after(std::chrono::seconds{left->tv_sec} +
                        std::chrono::microseconds{left->tv_usec});
    timer.async_wait([self = shared_from_this()](error_code aborted) {
      if (aborted || self->channel == nullptr) return;
      ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->set_timer();
    });
  }

  void close() {
    timer.cancel();
    if (channel != nullptr) ares_destroy(std::exchange(channel, nullptr));
    for (const auto& [socket, watched] : std::exchange(sockets, {})) watched->descriptor.release();
  }
};

DnsChannel::DnsChannel(net::Executor executor, const ResolverOptions& options)
    : impl_{std::make_shared<Impl>(executor, options)} {}

DnsChannel::~DnsChannel() { impl_->close(); }

std::shared_ptr<DnsChannel::Question> DnsChannel::ask(const std::string& name, RecordType type) {
  auto question = std::make_shared<Question>(impl_->executor);
  if (impl_->status != ARES_SUCCESS || impl_->channel == nullptr) {
    question->answered = true;
    question->status = impl_->status != ARES_SUCCESS ? impl_->status : ARES_ECANCELLED;
    return question;
  }
  auto* const held = new std::shared_ptr<Question>{question};  // on_answer deletes it
  const auto ask = name.find('.') == std::string::npos ? ares_search : ares_query;
  ask(impl_->channel, name.c_str(), ns_c_in, to_type(type), &Question::on_answer, held);
  impl_->set_timer();
  return question;
}

net::Awaitable<DnsChannel::Answer> DnsChannel::wait(std::shared_ptr<Question> question) {
  while (!question->answered) co_await question->wake.async_wait(net::kToken);
  if (question->status != ARES_SUCCESS) co_return DnsFault{question->status};
  co_return std::move(question->message);
}

std::vector<common::IpAddress> DnsChannel::hosts_file(const std::string& name,
                                                      RecordType type) const {
  std::vector<common::IpAddress> found;
  hostent* entry = nullptr;
  const int family = type == RecordType::A ? AF_INET : AF_INET6;
  if (impl_->channel == nullptr ||
      ares_gethostbyname_file(impl_->channel, name.c_str(), family, &entry) != ARES_SUCCESS)
    return found;
  const std::unique_ptr<hostent, void (*)(hostent*)> owner{entry, ares_free_hostent};
  for (char** octets = entry->h_addr_list; *octets != nullptr; ++octets) {
    if (entry->h_addrtype != family || found.size() == kMostAnswers) break;
    std::array<std::uint8_t, 16> address{};
    std::memcpy(address.data(), *octets, family == AF_INET ? 4 : 16);
    found.push_back(family == AF_INET
                        ? common::IpAddress::v4(
                              common::load_big_endian<std::uint32_t>(std::span{address}.first<4>()))
                        : common::IpAddress::v6(address));
  }
  return found;
}

void DnsChannel::cancel() { impl_->close(); }

}  // namespace lb::discovery
