#pragma once

#include "common/result.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace common {

/// What an operator's door answered.
struct AdminReply {
  unsigned status{0};
  std::string text;
  boost::json::value json;  // null when the content is none

  bool ok() const { return status >= 200 && status < 300; }
};

/// Whom an operator's program believes over TLS, and what it shows of itself. PEM files.
struct AdminTrust {
  std::string ca_file;           // who may have signed the door's; empty: the system's authorities
  std::string certificate_file;  // ours, when we are asked for one; empty: none
  std::string key_file;          // its key
};

/// Asks a daemon's operator's door, one connection a request.
class AdminClient {
 public:
  static constexpr auto kAnswerLimit = std::chrono::seconds{30};  // a reload may take a while
  static constexpr std::size_t kLargestAnswer = 64 * 1024 * 1024;

  struct Program {
    std::string name;    // for User-Agent
    std::uint16_t port;  // where a URL names none
  };
  /// `address`: `unix:/run/lbd/admin.sock`, `http://127.0.0.1:9101` or `https://lb1:9102`, whose
  /// certificate must be for that host; `token` may be empty. A question is given up after `limit`.
  AdminClient(Program program, std::string address, std::string token,
              std::chrono::milliseconds limit = kAnswerLimit, AdminTrust trust = {})
      : program_{std::move(program)},
        address_{std::move(address)},
        token_{std::move(token)},
        limit_{limit},
        trust_{std::move(trust)} {}

  /// The error is a sentence about why there is no answer.
  Result<AdminReply, std::string> ask(std::string_view method, const std::string& path,
                                      const std::string& content = {}) const;
  const std::string& address() const { return address_; }

 private:
  Program program_;
  std::string address_;
  std::string token_;
  std::chrono::milliseconds limit_;
  AdminTrust trust_;
};

}  // namespace common
