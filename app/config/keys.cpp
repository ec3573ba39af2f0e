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

}  // namespace

privacy::KeyRing load_keys(const Settings& settings, const std::string& config_path) {
  std::filesystem::path path{secret_path(settings.keys_file, config_path)};
  if (!settings.servers && !std::filesystem::exists(path)) {
    const std::filesystem::path folder{state_directory()};
    std::filesystem::create_directories(folder);
    path = folder / std::filesystem::path{settings.keys_file}.filename();
    if (!std::filesystem::exists(path)) write_new(path, privacy::new_key_file());
  }
  const auto text = content_of(path);
  if (!text)
    throw std::runtime_error{"cannot read " + path.string() +
                             ": make it once by `bookd --new-keys`, and give every node the same"};
  auto read = privacy::read_keys(*text);
  if (const auto* fault = std::get_if<std::string>(&read))
    throw std::runtime_error{path.string() + ": " + *fault};
  return std::move(std::get<privacy::KeyRing>(read));
}

}  // namespace booking::config
