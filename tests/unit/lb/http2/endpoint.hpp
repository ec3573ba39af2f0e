#pragma once

#include "lb/http2/endpoint_session.hpp"
#include "tests/unit/lb/http2/client.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lb::http2::test {

inline constexpr std::uint16_t kMaxConcurrentStreams = 3;
inline constexpr std::uint16_t kEnableConnect = 8;

/// An endpoint's frames and a session that gets them.
class Endpoint final : public Coder, EndpointSessionUser {
 public:
  explicit Endpoint(EndpointOptions options = {}, bool secure = false)
      : session{*this, options, secure, now} {}

  /// Its SETTINGS, and what the session begins with is read.
  std::vector<Frame> begin(
      std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> entries = {}) {
    auto frames = split(produced());
    send(settings(entries) + frame(kSettings, 1, 0));
    read();
    return frames;
  }
  void send(std::string_view octets) { session.receive(octets, now); }
  std::vector<Frame> read() { return split(produced()); }

  common::TimePoint now{std::chrono::hours{1}};
  EndpointSession session;

 private:
  void on_change() override {}
  /// Without the preface, which is no frame.
  std::string produced() {
    std::vector<char> space(EndpointSession::kLeastSpace);
    std::string said;
    while (const auto count = session.produce(space, now)) said.append(space.data(), count);
    if (said.starts_with(kPreface)) said.erase(0, kPreface.size());
    return said;
  }
};

inline std::string read_all(EndpointStream& stream) {
  std::string out;
  std::array<char, 100> space{};
  while (const auto count = stream.read(space)) out.append(space.data(), count);
  return out;
}

inline bool write_all(EndpointStream& stream, std::string_view octets) {
  return stream.write(octets) && octets.empty();
}

inline std::string get_text(std::string_view path = "/") {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: shop.example\r\n\r\n";
}

inline FieldList answer(std::string status = "200", FieldList more = {}) {
  FieldList fields{{":status", std::move(status)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace lb::http2::test
