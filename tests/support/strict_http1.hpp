#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A second reader of HTTP/1.1, written from RFC 9112 alone and sharing nothing with `lb::http1`:
/// slow, without limits, and so strict that whoever disagrees with it about where a message ends is
/// wrong.
namespace tests::strict {

enum class Verdict { Whole, Incomplete, Malformed };

struct Message {
  Verdict verdict{Verdict::Malformed};
  bool head_whole{false};
  std::size_t size{0};                  // octets of the input, when whole
  std::size_t head_size{0};             // octets of its head, when that is whole
  std::string method, target, version;  // of a request
  int status{0};                        // of an answer
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // as far as it has come, codings taken off
  std::vector<std::pair<std::string, std::string>> trailers;

  /// All values of a field, in their order.
  std::vector<std::string> values(std::string_view name) const;
};

/// The request at the front of `octets`; one empty line before it is allowed (RFC 9112 §2.2).
Message read_request(std::string_view octets);

/// The answer to `method` at the front of `octets`; `ended`: nothing follows them (RFC 9112 §6.3).
Message read_answer(std::string_view octets, std::string_view method, bool ended);

}  // namespace tests::strict
