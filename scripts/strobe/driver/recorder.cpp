#include "scripts/strobe/driver/recorder.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace strobe::driver {

namespace {

std::FILE* open_lines(const std::string& path) {
  if (path.empty()) return nullptr;
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  if (file == nullptr) throw std::system_error(errno, std::generic_category(), path);
  return file;
}

}  // namespace

void Recorder::Close::operator()(std::FILE* file) const {
  if (file == stdout)
    std::fflush(file);
  else
    std::fclose(file);
}

Recorder::Recorder(const std::string& path, measure::Summary summary)
    : lines_{open_lines(path)}, summary_{std::move(summary)} {}

void Recorder::add(const measure::Record& record) {
  summary_.add(record);
  if (lines_) {
    const std::string line = measure::to_json_line(record);
    std::fwrite(line.data(), 1, line.size(), lines_.get());
  }
}

void Recorder::flush() {
  if (lines_) std::fflush(lines_.get());
}

}  // namespace strobe::driver
