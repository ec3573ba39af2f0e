#pragma once

#include "lb/http2/session.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_hd_deflater;
struct nghttp2_hd_inflater;

namespace lb::http2::test {

struct Frame {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint32_t stream;
  std::string payload;
  std::string fields{};  // of HEADERS: `:status: 200\nserver: x\n`

  bool operator==(const Frame&) const = default;
};

using FieldList = std::vector<std::pair<std::string, std::string>>;

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
std::string number(std::uint32_t value);
std::string window_update(std::uint32_t stream, std::uint32_t octets);
std::string reset(std::uint32_t stream, std::uint32_t code);
std::string settings(std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> entries = {});
FieldList get(std::string path = "/", FieldList more = {});
FieldList post(std::string path = "/", FieldList more = {});

/// Packs and unpacks the frames of one side of a connection.
class Coder {
 public:
  Coder();
  Coder(const Coder&) = delete;
  Coder& operator=(const Coder&) = delete;
  ~Coder();

  /// HEADERS with all of `fields` in it.
  std::string head(std::uint32_t stream, const FieldList& fields, bool ends = true);
  std::string block(const FieldList& fields);
  /// The frames that are whole by now.
  std::vector<Frame> split(std::string_view more);
  /// The last GOAWAY that was read: its code; nothing when there was none.
  std::optional<std::uint32_t> goaway() const { return goaway_; }

 private:
  std::string unpack(std::string_view block);

  nghttp2_hd_deflater* deflater_{nullptr};
  nghttp2_hd_inflater* inflater_{nullptr};
  std::string pending_;
  std::optional<std::uint32_t> goaway_;
};

/// A client's frames and a session that gets them.
class Client final : public Coder, SessionUser {
 public:
  explicit Client(Options options = {}, http1::Limits limits = {}, Times times = {},
                  std::uint32_t most_requests = 1000);

  /// Sends the preface and an empty SETTINGS, and reads what comes first.
  void begin();
  void send(std::string_view octets) { session.receive(octets, now); }
  /// All that the session has to say now.
  std::vector<Frame> read();

  common::TimePoint now{std::chrono::hours{1}};
  Session session;

 private:
  void on_change() override {}
  std::array<char, 16> nonce() override { return {'n', 'o', 'n', 'c', 'e'}; }
};

/// Serves a request.
struct User final : StreamUser {
  void on_content() override { ++contents; }
  void on_room() override { ++rooms; }
  int contents{0};
  int rooms{0};
};

// Codes of RST_STREAM and GOAWAY (RFC 9113 §7).
inline constexpr std::uint32_t kNoError = 0;
inline constexpr std::uint32_t kProtocolError = 1;
inline constexpr std::uint32_t kInternalError = 2;
inline constexpr std::uint32_t kStreamClosed = 5;
inline constexpr std::uint32_t kRefusedStream = 7;
inline constexpr std::uint32_t kCancel = 8;

/// The code of a reset of `stream`, if there is one.
std::optional<std::uint32_t> reset_of(const std::vector<Frame>& frames, std::uint32_t stream);
std::string content_of(const std::vector<Frame>& frames, std::uint32_t stream);
/// Whether the stream's answer is whole.
bool ends(const std::vector<Frame>& frames, std::uint32_t stream);
/// Of each of its field sections, with a line `-` behind each.
std::string fields_of(const std::vector<Frame>& frames, std::uint32_t stream);
/// A request that somebody serves.
Stream& serve(Client& client, User& user);

/// All content that can be read now.
std::string read_all(Stream& stream);
/// Writes all of it; false when it is not taken.
bool write_all(Stream& stream, std::string_view octets);

}  // namespace lb::http2::test
