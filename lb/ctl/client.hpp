#pragma once

#include "common/result.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace lb::ctl {

struct Reply {
  unsigned status{0};
  std::string text;
  boost::json::value json;  // null when the content is none

  bool ok() const { return status >= 200 && status < 300; }
};

/// Asks an lbd's admin door, one connection a request.
class Client {
 public:
  static constexpr auto kAnswerLimit = std::chrono::seconds{30};  // a reload may take a while
  static constexpr std::size_t kLargestAnswer = 64 * 1024 * 1024;

  /// `address` as of Arguments; `token` may be empty.
  Client(std::string address, std::string token)
      : address_{std::move(address)}, token_{std::move(token)} {}

  /// The error is a sentence about why there is no answer.
  common::Result<Reply, std::string> ask(std::string_view method, const std::string& path,
                                         const std::string& content = {}) const;
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::string token_;
};

}  // namespace lb::ctl
