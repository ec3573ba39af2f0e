#include "vrrpd/privileges/privileges.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace vrrp::privileges {
namespace {

constexpr std::array kKept{std::pair{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
                           std::pair{CAP_NET_RAW, "CAP_NET_RAW"}};
constexpr unsigned kMostCapabilities = 64;  // the kernel says which is the last that it knows

using Sets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool get(Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, sets.data()) == 0;
}

std::string refused(const char* what) { return std::string{what} + ": " + std::strerror(errno); }

}  // namespace

std::vector<std::string> schedule(const SchedulingOptions& options) {
  std::vector<std::string> failures;
  if (options.cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(*options.cpu, &cpus);
    if (::sched_setaffinity(0, sizeof cpus, &cpus) != 0)
      failures.push_back(refused("scheduling.cpu"));
  }
  // With a limit, memory that is asked for later would be refused instead of locked.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (options.lock_memory && ::setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0)
    failures.push_back(refused("scheduling.lock_memory: its limit cannot be lifted"));
  else if (options.lock_memory && ::mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    failures.push_back(refused("scheduling.lock_memory"));
  if (options.realtime != 0) {
    sched_param parameters{};
    parameters.sched_priority = options.realtime;
    // What we execute is to be run as everybody.
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) != 0)
      failures.push_back(refused("scheduling.realtime"));
  }
  return failures;
}

std::optional<std::string> drop_capabilities() {
  // Needs CAP_SETPCAP; who has not got it has nothing to get back either, thanks to no_new_privs.
  for (unsigned one = 0; one < kMostCapabilities && ::prctl(PR_CAPBSET_READ, one) >= 0; ++one)
    if (one != CAP_NET_ADMIN && one != CAP_NET_RAW) ::prctl(PR_CAPBSET_DROP, one);

  Sets sets{};
  if (!get(sets)) return refused("capget");
  std::uint32_t mask = 0;
  for (const auto& [capability, name] : kKept) mask |= CAP_TO_MASK(capability);
  const auto kept = sets[0].permitted & mask;
  sets = {};
  sets[0] = {.effective = kept, .permitted = kept, .inheritable = kept};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return refused("capset");
  for (const auto& [capability, name] : kKept)
    if ((kept & CAP_TO_MASK(capability)) != 0)
      ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no_new_privs");
  return std::nullopt;
}

std::vector<std::string> missing_capabilities() {
  Sets sets{};
  std::vector<std::string> missing;
  const bool known = get(sets);
  for (const auto& [capability, name] : kKept)
    if (!known || (sets[0].effective & CAP_TO_MASK(capability)) == 0) missing.emplace_back(name);
  return missing;
}

}  // namespace vrrp::privileges
