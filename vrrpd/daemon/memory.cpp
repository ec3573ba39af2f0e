#include "vrrpd/daemon/memory.hpp"

#include "common/log.hpp"
#include "vrrpd/link/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace vrrp::daemon {
namespace {

constexpr common::Log kLog{"vrrp.memory"};

/// systemd may name several, parted by colons; the first is meant.
std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  const std::string all = value == nullptr ? "" : value;
  return all.substr(0, all.find(':'));
}

std::optional<std::string> read_file(const std::string& path) {
  const link::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (file.number() < 0) return std::nullopt;
  std::array<char, Memory::kLargestFile> octets{};
  const auto size = ::read(file.number(), octets.data(), octets.size());
  if (size < 0) return std::nullopt;
  return std::string{octets.data(), static_cast<std::size_t>(size)};
}

/// Beside it and renamed, so that nobody reads half of it. Not synchronised: what a power cut takes
/// is of no use after it, and the event loop waits for no disk.
common::Result<void> replace_file(const std::string& path, std::string_view text) {
  const auto fresh = path + ".new";
  {
    const link::Descriptor file{
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)};
    if (file.number() < 0) return link::last_error();
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written < 0) return link::last_error();
    if (static_cast<std::size_t>(written) != text.size())
      return {boost::system::errc::make_error_code(boost::system::errc::no_space_on_device)};
  }
  if (::rename(fresh.c_str(), path.c_str()) < 0) return link::last_error();
  return {};
}

common::Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) return link::last_error();
  return {};
}

}  // namespace

Memory::Memory(MemoryOptions options) : options_{std::move(options)} {
  if (options_.runtime.empty()) options_.runtime = from_environment("RUNTIME_DIRECTORY");
  if (options_.lasting.empty()) options_.lasting = from_environment("STATE_DIRECTORY");
  if (options_.lasting.empty()) options_.lasting = options_.runtime;
  boot_ = read_file("/proc/sys/kernel/random/boot_id").value_or("unknown\n");
}

std::string Memory::maintenance_file() const { return options_.lasting + "/maintenance"; }

std::string Memory::role_file(const std::string& router) const {
  // An interface's name holds no slash (dev_valid_name in the kernel).
  return options_.runtime + "/role-" + router;
}

bool Memory::maintenance() const {
  return !options_.lasting.empty() && ::access(maintenance_file().c_str(), F_OK) == 0;
}

common::Result<bool> Memory::set_maintenance(bool on) {
  if (options_.lasting.empty()) return false;
  const auto done = on ? replace_file(maintenance_file(), "on\n") : remove_file(maintenance_file());
  if (!done) return {boost::system::in_place_error, done.error()};
  return true;
}

void Memory::remember_role(const std::string& router, std::string_view role) {
  if (options_.runtime.empty()) return;
  const auto file = role_file(router);
  const auto done =
      role.empty() ? remove_file(file) : replace_file(file, boot_ + std::string{role} + '\n');
  if (!done)
    kLog.error("cannot keep what a restart would need",
               {{"file", file}, {"reason", done.error().message()}});
}

std::optional<std::string> Memory::role(const std::string& router) const {
  if (options_.runtime.empty()) return std::nullopt;
  const auto text = read_file(role_file(router));
  if (!text || !text->starts_with(boot_) || !text->ends_with('\n')) return std::nullopt;
  return text->substr(boot_.size(), text->size() - boot_.size() - 1);
}

}  // namespace vrrp::daemon
