#pragma once

#include "lb/http/message.hpp"
#include "lb/telemetry/access_log.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lb::proxy {

/// What a request said of itself, kept for the log and the span until it has been answered. One
/// piece of memory, used again by the next request.
class ExchangeNotes {
 public:
  void take(const http::RequestHead& head, const telemetry::AccessLogOptions& options);

  std::string_view method() const { return part(0); }
  std::string_view host() const { return part(1); }
  std::string_view target() const { return part(2); }
  std::string_view user_agent() const { return part(3); }
  std::string_view referer() const { return part(4); }

 private:
  static constexpr std::size_t kParts = 5;
  void add(std::size_t number, std::string_view value, std::string_view rest = {});
  std::string_view part(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return std::string_view{text_}.substr(begin, ends_[number] - begin);
  }

  std::string text_;
  std::array<std::size_t, kParts> ends_{};
};

/// Notes of one worker that are not in use.
class NotePool {
 public:
  static constexpr std::size_t kMostFree = 64;

  std::unique_ptr<ExchangeNotes> take();
  void give_back(std::unique_ptr<ExchangeNotes> notes);

 private:
  std::vector<std::unique_ptr<ExchangeNotes>> free_;
};

}  // namespace lb::proxy
