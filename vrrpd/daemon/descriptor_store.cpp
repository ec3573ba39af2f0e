#include "vrrpd/daemon/descriptor_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vrrp::daemon {
namespace {

constexpr int kFirstHandedOver = 3;  // SD_LISTEN_FDS_START

/// Of a variable that is then gone; -1 when it is no number.
int take_number(const char* variable) {
  const char* const text = std::getenv(variable);
  int number = -1;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
  ::unsetenv(variable);
  return number;
}

std::vector<std::string> take_names() {
  const char* const text = std::getenv("LISTEN_FDNAMES");
  std::istringstream all{text == nullptr ? "" : text};
  std::vector<std::string> names;
  for (std::string name; std::getline(all, name, ':');) names.push_back(name);
  ::unsetenv("LISTEN_FDNAMES");
  return names;
}

/// To the service manager, as sd_notify(3) lays it down, with `descriptor` when that is one;
/// nothing without a manager. A word that it does not take in time costs what it would have kept.
void tell(std::string_view words, int descriptor) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const auto length = path == nullptr ? 0 : std::strlen(path);
  if (length == 0 || length >= sizeof to.sun_path || (*path != '/' && *path != '@')) return;
  std::memcpy(to.sun_path, path, length);
  if (*path == '@') to.sun_path[0] = '\0';  // of the abstract namespace
  const link::Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) return;
  // sendmsg(2) does not write to what it sends; its interface is older than const.
  iovec text{.iov_base = const_cast<char*>(words.data()), .iov_len = words.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof descriptor)> control{};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  ::sendmsg(socket.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

DescriptorStore::DescriptorStore() {
  const int process = take_number("LISTEN_PID");
  const int count = take_number("LISTEN_FDS");
  auto names = take_names();
  if (process != ::getpid() || count <= 0) return;  // meant for another one, or none
  names.resize(std::min(static_cast<std::size_t>(count), kMostKept));
  for (std::size_t at = 0; at < names.size(); ++at) {
    link::Descriptor descriptor{kFirstHandedOver + static_cast<int>(at)};
    if (::fcntl(descriptor.number(), F_SETFD, FD_CLOEXEC) < 0) continue;
    names_.push_back(names[at]);
    inherited_.push_back({std::move(names[at]), std::move(descriptor)});
  }
}

std::optional<link::Descriptor> DescriptorStore::take(const std::string& name) {
  const auto found = std::ranges::find(inherited_, name, &Kept::name);
  if (found == inherited_.end()) return std::nullopt;
  auto taken = std::move(found->descriptor);
  inherited_.erase(found);
  return taken;
}

void DescriptorStore::keep(const std::string& name, const link::Descriptor& descriptor) {
  forget(name);
  if (names_.size() >= kMostKept) return;
  // FDPOLL=0: a link that goes down is an error of its sockets, for which systemd would drop them.
  tell("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor.number());
  names_.push_back(name);
}

void DescriptorStore::forget(const std::string& name) {
  std::erase_if(inherited_, [&](const Kept& one) { return one.name == name; });
  if (std::erase(names_, name) != 0) tell("FDSTOREREMOVE=1\nFDNAME=" + name, -1);
}

void DescriptorStore::drop_rest() {
  while (!inherited_.empty()) forget(std::string{inherited_.back().name});
}

}  // namespace vrrp::daemon
