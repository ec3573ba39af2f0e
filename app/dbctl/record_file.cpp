#include "app/dbctl/record_file.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace booking::dbctl {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error{errno, std::generic_category(), path};
}

void write_durably(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) fail(path);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  if (!written) fail(path);
}

void sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(path);
  const bool synced = ::fsync(directory) == 0;
  ::close(directory);
  if (!synced) fail(path);
}

}  // namespace

std::optional<pair::Record> read_record(const std::string& path) {
  std::ifstream file{path};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto* const epoch = value.as_object().if_contains("epoch");
  const auto* const writer = value.as_object().if_contains("writer");
  const auto* const in_sync = value.as_object().if_contains("in_sync");
  if (epoch == nullptr || !epoch->is_int64() || epoch->as_int64() < 0 || writer == nullptr ||
      !writer->is_string() || in_sync == nullptr || !in_sync->is_bool())
    return std::nullopt;
  pair::Record out{static_cast<std::uint64_t>(epoch->as_int64()), std::string{writer->as_string()},
                   in_sync->as_bool()};
  if (const auto* const closed_at = value.as_object().if_contains("closed_at")) {
    if (!closed_at->is_string()) return std::nullopt;
    out.closed_at = pair::GtidPosition::parse(std::string{closed_at->as_string()});
    if (!out.closed_at) return std::nullopt;
  }
  return out;
}

void write_record(const std::string& path, const pair::Record& record) {
  boost::json::object text{{"epoch", static_cast<std::int64_t>(record.epoch)},
                           {"writer", record.writer},
                           {"in_sync", record.in_sync}};
  if (record.closed_at) text["closed_at"] = record.closed_at->to_string();
  write_durably(path + ".new", boost::json::serialize(text) + '\n');
  if (::rename((path + ".new").c_str(), path.c_str()) != 0) fail(path);
  sync_directory(std::filesystem::path{path}.parent_path().string());
}

std::unique_ptr<RecordLock> RecordLock::take(const std::string& path) {
  const auto name = path + ".lock";
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) fail(name);
  std::unique_ptr<RecordLock> out{new RecordLock{file}};
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return out;
  if (errno != EWOULDBLOCK) fail(name);
  return nullptr;
}

RecordLock::~RecordLock() { ::close(file_); }

}  // namespace booking::dbctl
