#include "vrrpd/daemon/descriptor_store.hpp"

#include "common/notify.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
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
  common::notify_manager("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor.number());
  names_.push_back(name);
}

void DescriptorStore::forget(const std::string& name) {
  std::erase_if(inherited_, [&](const Kept& one) { return one.name == name; });
  if (std::erase(names_, name) != 0) common::notify_manager("FDSTOREREMOVE=1\nFDNAME=" + name);
}

void DescriptorStore::drop_rest() {
  while (!inherited_.empty()) forget(std::string{inherited_.back().name});
}

}  // namespace vrrp::daemon
