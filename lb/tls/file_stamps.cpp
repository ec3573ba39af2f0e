#include "lb/tls/file_stamps.hpp"

#include <sys/stat.h>
#include <utility>

namespace lb::tls {

FileStamps::FileStamps(std::vector<std::string> paths) : paths_{std::move(paths)}, seen_{look()} {}

std::vector<FileStamps::Stamp> FileStamps::look() const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  std::vector<Stamp> all;
  for (const auto& path : paths_) {
    struct stat file {};
    if (path.empty()) continue;
    auto& stamp = all.emplace_back();
    if (::stat(path.c_str(), &file) == 0)
      stamp = {std::int64_t{file.st_mtim.tv_sec} * kNanoseconds + file.st_mtim.tv_nsec,
               file.st_size, file.st_ino};
  }
  return all;
}

}  // namespace lb::tls
