#include "app/config/keys.hpp"

#include "app/config/load.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <variant>

namespace booking::config {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;

std::optional<std::string> content_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::nullopt;
  std::string text(kLargestFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

/// Only its owner can read it, and never over one that is there: its data would be lost.
void write_new(const std::filesystem::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool whole = file >= 0 &&
                     ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                     ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (!whole) throw std::runtime_error{path.string() + ": " + std::strerror(why)};
}

/// Where they stand, or would be made.
std::filesystem::path keys_path(const Settings& settings, const std::string& config_path) {
  std::filesystem::path path{secret_path(settings.keys_file, config_path)};
  if (settings.servers || std::filesystem::exists(path)) return path;
  return std::filesystem::path{state_directory()} /
         std::filesystem::path{settings.keys_file}.filename();
}

/// For bookings in a file; with servers every node must have the same.
bool may_be_made(const Settings& settings, const std::filesystem::path& path) {
  return !settings.servers && !std::filesystem::exists(path);
}

std::variant<privacy::KeyRing, KeysFault> keys_in(const std::filesystem::path& path) {
  errno = 0;
  const auto text = content_of(path);
  if (!text)
    return KeysFault{"cannot read " + path.string() + ": " + std::strerror(errno),
                     "made once by `bookd --new-keys`, the same on every node"};
  auto read = privacy::read_keys(*text);
  if (const auto* fault = std::get_if<std::string>(&read))
    return KeysFault{path.string() + ": " + *fault, "as `bookd --new-keys` makes it"};
  return std::move(std::get<privacy::KeyRing>(read));
}

}  // namespace

privacy::KeyRing load_keys(const Settings& settings, const std::string& config_path) {
  const auto path = keys_path(settings, config_path);
  if (may_be_made(settings, path)) {
    std::filesystem::create_directories(path.parent_path());
    write_new(path, privacy::new_key_file());
  }
  auto read = keys_in(path);
  if (const auto* fault = std::get_if<KeysFault>(&read))
    throw std::runtime_error{fault->what + ": " + fault->right};
  return std::move(std::get<privacy::KeyRing>(read));
}

std::optional<KeysFault> fault_of_keys(const Settings& settings, const std::string& config_path) {
  const auto path = keys_path(settings, config_path);
  if (may_be_made(settings, path)) return std::nullopt;
  auto read = keys_in(path);
  if (auto* fault = std::get_if<KeysFault>(&read)) return std::move(*fault);
  return std::nullopt;
}

}  // namespace booking::config
