#include "lb/server/descriptors.hpp"

#include <algorithm>
#include <limits>
#include <sys/resource.h>

namespace lb::server {
namespace {

constexpr std::size_t kOfProcess = 16;  // standard streams, log, admin, signals, control thread
constexpr std::size_t kOfWorker = 4;    // its event loop and its reserve
constexpr std::size_t kOfSocket = 2;    // a listening one: control's descriptor and the worker's

}  // namespace

std::size_t affordable_descriptors(std::size_t workers, std::size_t listeners, std::size_t checks) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::size_t>::max();
  const auto soft = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = soft;
  const auto kept = kOfProcess + workers * (kOfWorker + kOfSocket * listeners) + checks;
  const auto most = static_cast<std::size_t>(limit.rlim_cur);
  return std::max<std::size_t>(2, most > kept ? (most - kept) / workers : 0);
}

}  // namespace lb::server
