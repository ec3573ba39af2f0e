#include "common/log.hpp"
#include "lb/server/server_impl.hpp"

#include <cstdlib>
#include <filesystem>

namespace lb::server {
namespace {

namespace fs = std::filesystem;

constexpr common::Log kLog{"lb.server"};

/// Tells the next binary, which is executed under them, what is in force.
constexpr const char* kConfined = "LBD_CONFINED";

std::string folder_of(const std::string& file) {
  std::error_code ignored;
  return fs::absolute(file, ignored).parent_path().string();
}

std::string resolved(const std::string& file) {
  std::error_code ignored;
  return fs::weakly_canonical(file, ignored).string();
}

}  // namespace

/// Once everything that needs privileges is open, and before there are other threads.
void Server::Impl::enter_sandbox(bool from_upgrade) {
  const char* before = from_upgrade ? std::getenv(kConfined) : nullptr;
  const std::string there = before != nullptr ? before : "";
  if (!snapshot->sandbox.enabled && there.empty()) return;
  sandbox::Paths paths;
  // Libraries and what they read: time zones, names of hosts, processors, memory, our own numbers.
  paths.read = {"/etc",
                "/usr",
                "/lib",
                "/lib64",
                "/proc",
                "/sys/devices/system/cpu",
                "/sys/fs/cgroup",
                "/run/systemd/resolve",
                "/run/resolvconf",
                "/run/NetworkManager",
                "/dev/null",
                "/dev/urandom"};
  paths.read.push_back(folder_of(invocation.config));
  for (const auto& file : snapshot->files) paths.read.push_back(folder_of(file));
  const auto& more = snapshot->sandbox;
  paths.read.insert(paths.read.end(), more.read.begin(), more.read.end());
  // The next binary lies where this one lay, in front of a link or behind it; the dynamic linker is
  // executed with it.
  paths.execute = {folder_of(invocation.program), folder_of(resolved(invocation.program)),
                   "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"};
  paths.execute.insert(paths.execute.end(), more.execute.begin(), more.execute.end());
  if (!snapshot->access_log.file.empty())
    paths.write.push_back(folder_of(snapshot->access_log.file));
  for (const auto& [listener, server] : snapshot->tls_servers())
    if (const auto& file = server->options().key_log_file; !file.empty())
      paths.write.push_back(folder_of(file));
  for (const auto& address : snapshot->admin.listen)
    if (address.is_unix()) paths.sockets.push_back(folder_of(address.path));

  const auto report = sandbox::confine(paths, snapshot->sandbox.seccomp, there);
  std::string in_force;
  for (const auto& part : report.in_force)
    in_force.append(in_force.empty() ? "" : " ").append(part);
  kLog.info("confined", {{"by", in_force}, {"inherited", !there.empty()}});
  for (const auto& part : report.missing)
    kLog.warn("a part of the sandbox is not in force", {{"part", part}});
  ::setenv(kConfined, in_force.c_str(), 1);
}

}  // namespace lb::server
