#include "lb/server/this_machine.hpp"

#include "lb/net/descriptor.hpp"
#include "lb/net/stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace lb::server {
namespace {

namespace fs = std::filesystem;

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// `0100007F:1F90`: the words of the address as this machine holds them, the port as people do.
std::optional<common::SocketAddress> address_of(std::string_view text) {
  constexpr std::size_t kWord = 8;  // digits
  const auto colon = text.find(':');
  if (colon != kWord && colon != 4 * kWord) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < colon / kWord; ++i) {
    const auto word = number<std::uint32_t>(text.substr(i * kWord, kWord), 16);
    if (!word) return std::nullopt;
    std::memcpy(&octets[i * sizeof *word], &*word, sizeof *word);
  }
  const auto port = number<std::uint16_t>(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;
  if (colon > kWord) return common::SocketAddress{common::IpAddress::v6(octets), *port};
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | octets[i];
  return common::SocketAddress{common::IpAddress::v4(value), *port};
}

std::string text_of(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool holds(const fs::path& process, const std::string& socket) {
  std::error_code error;
  for (fs::directory_iterator fd{process / "fd", error}, end; !error && fd != end;
       fd.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(fd->path(), gone) == socket) return true;
  }
  return false;
}

/// A program that is neither lbd nor holds sockets for it; empty when there is none, or it cannot
/// be seen.
std::string stranger_with(std::uint64_t inode) {
  const auto socket = "socket:[" + std::to_string(inode) + ']';
  std::string stranger;
  std::error_code error;
  for (fs::directory_iterator process{"/proc", error}, end; !error && process != end;
       process.increment(error)) {
    const auto id = process->path().filename().string();
    if (!number<int>(id, 10) || !holds(process->path(), socket)) continue;
    auto name = text_of(process->path() / "comm");
    if (name.ends_with('\n')) name.pop_back();
    if (name == "lbd" || name == "systemd") return "";
    stranger = std::move(name.append(" (process ").append(id).append(")"));
  }
  return stranger;
}

}  // namespace

std::vector<ListeningSocket> listening_sockets(std::string_view table) {
  constexpr std::size_t kAddress = 1;
  constexpr std::size_t kState = 3;
  constexpr std::size_t kInode = 9;
  constexpr std::string_view kListens = "0A";
  std::vector<ListeningSocket> found;
  while (!table.empty()) {
    auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    std::array<std::string_view, kInode + 1> words;
    for (auto& word : words) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      word = line.substr(0, line.find(' '));
      line.remove_prefix(word.size());
    }
    const auto address = address_of(words[kAddress]);
    const auto inode = number<std::uint64_t>(words[kInode], 10);
    if (address && inode && words[kState] == kListens) found.push_back({*address, *inode});
  }
  return found;
}

bool is_in_the_way(const common::SocketAddress& there, const common::SocketAddress& wanted) {
  if (there.port != wanted.port || there.ip.is_v6() != wanted.ip.is_v6()) return false;
  const auto any = wanted.ip.is_v6() ? common::IpAddress::v6({}) : common::IpAddress{};
  return there.ip == wanted.ip || there.ip == any || wanted.ip == any;
}

std::string ThisMachine::against_listening(const common::SocketAddress& address) const {
  // The kernel's own word on the address, with a port that it chooses: nobody's.
  const auto endpoint = net::to_asio({address.ip, 0});
  const net::Descriptor socket{
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket &&
      ::bind(socket.number(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 &&
      errno == EADDRNOTAVAIL)
    return address.ip.to_string() + " is no address of this machine";
  if (address.port == 0) return "";
  const auto table = text_of(address.ip.is_v6() ? "/proc/self/net/tcp6" : "/proc/self/net/tcp");
  for (const auto& one : listening_sockets(table)) {
    if (!is_in_the_way(one.address, address)) continue;
    if (const auto who = stranger_with(one.inode); !who.empty())
      return who + " listens on " + one.address.to_string();
  }
  return "";
}

std::string ThisMachine::against_writing(const std::string& file) const {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (fs::is_directory(status)) return file + " is a folder";
  const auto folder = fs::absolute(file).parent_path();
  if (!fs::exists(status) && !fs::is_directory(folder, error)) {
    const bool hidden = error && error != std::errc::no_such_file_or_directory &&
                        error != std::errc::not_a_directory;
    return hidden ? "" : "there is no folder " + folder.string();
  }
  // Whether lbd's own user may write is for him to say: permissions are not looked at.
  const auto& place = fs::exists(status) ? fs::path{file} : folder;
  if (::access(place.c_str(), W_OK) != 0 && errno == EROFS)
    return place.string() + " lies on a file system that is read-only";
  return "";
}

}  // namespace lb::server
