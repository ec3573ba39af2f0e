#include "tests/unit/lb/http2/client.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <nghttp2/nghttp2.h>

namespace lb::http2::test {

std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  auto out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out.append(number(stream)).append(payload);
}

std::string window_update(std::uint32_t stream, std::uint32_t octets) {
  return frame(kWindowUpdate, 0, stream, number(octets));
}

std::string reset(std::uint32_t stream, std::uint32_t code) {
  return frame(kResetStream, 0, stream, number(code));
}

std::string settings(std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> entries) {
  std::string payload;
  for (const auto& [id, value] : entries)
    payload.append(number(id).substr(2)).append(number(value));
  return frame(kSettings, 0, 0, payload);
}

namespace {

FieldList request(std::string method, std::string path, FieldList more) {
  FieldList fields{{":method", std::move(method)},
                   {":scheme", "http"},
                   {":path", std::move(path)},
                   {":authority", "shop.example"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

std::uint32_t number_at(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = (value << 8U) | static_cast<unsigned char>(text.at(at + i));
  return value;
}

}  // namespace

FieldList get(std::string path, FieldList more) {
  return request("GET", std::move(path), std::move(more));
}
FieldList post(std::string path, FieldList more) {
  return request("POST", std::move(path), std::move(more));
}

Client::Client(Options options, http1::Limits limits, Times times, std::uint32_t most_requests)
    : session{*this, options, limits, times, most_requests, now} {}

Coder::Coder() {
  nghttp2_hd_deflate_new(&deflater_, 4096);
  nghttp2_hd_inflate_new(&inflater_);
}

Coder::~Coder() {
  nghttp2_hd_deflate_del(deflater_);
  nghttp2_hd_inflate_del(inflater_);
}

void Client::begin() {
  send(std::string{kPreface} + settings());
  read();
}

std::string Coder::block(const FieldList& fields) {
  std::vector<nghttp2_nv> all;
  for (const auto& [name, value] : fields) {
    const auto octets = [](const std::string& text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    all.push_back({octets(name), octets(value), name.size(), value.size(), 0});
  }
  std::string out(nghttp2_hd_deflate_bound(deflater_, all.data(), all.size()), '\0');
  const auto size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(out.data()),
                                          out.size(), all.data(), all.size());
  REQUIRE(size >= 0);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string Coder::head(std::uint32_t stream, const FieldList& fields, bool ends) {
  const auto flags = kEndHeaders | (ends ? kEndStream : 0);
  return frame(kHeaders, static_cast<std::uint8_t>(flags), stream, block(fields));
}

std::string Coder::unpack(std::string_view packed) {
  std::string out;
  while (true) {
    nghttp2_nv field{};
    int flags = 0;
    const auto size = nghttp2_hd_inflate_hd2(inflater_, &field, &flags,
                                             reinterpret_cast<const std::uint8_t*>(packed.data()),
                                             packed.size(), 1);
    REQUIRE(size >= 0);
    packed.remove_prefix(static_cast<std::size_t>(size));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
      out.append(reinterpret_cast<const char*>(field.name), field.namelen)
          .append(": ")
          .append(reinterpret_cast<const char*>(field.value), field.valuelen)
          .append("\n");
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return out;
}

std::vector<Frame> Client::read() {
  std::vector<char> space(Session::kLeastSpace);
  std::string said;
  while (const auto count = session.produce(space, now)) said.append(space.data(), count);
  session.on_sent(true, now);
  return split(said);
}

std::vector<Frame> Coder::split(std::string_view more) {
  pending_.append(more);
  std::vector<Frame> frames;
  while (pending_.size() >= 9) {
    const auto size = number_at(pending_, 0) >> 8U;
    if (pending_.size() < 9 + size) break;
    Frame one{static_cast<std::uint8_t>(pending_[3]), static_cast<std::uint8_t>(pending_[4]),
              number_at(pending_, 5), pending_.substr(9, size)};
    pending_.erase(0, 9 + size);
    if (one.type == kHeaders) one.fields = unpack(one.payload);
    if (one.type == kGoAway) goaway_ = number_at(one.payload, 4);
    frames.push_back(std::move(one));
  }
  return frames;
}

std::optional<std::uint32_t> reset_of(const std::vector<Frame>& frames, std::uint32_t stream) {
  for (const auto& one : frames)
    if (one.type == kResetStream && one.stream == stream)
      return static_cast<unsigned char>(one.payload.at(3));
  return std::nullopt;
}

std::string content_of(const std::vector<Frame>& frames, std::uint32_t stream) {
  std::string out;
  for (const auto& one : frames)
    if (one.type == kData && one.stream == stream) out.append(one.payload);
  return out;
}

bool ends(const std::vector<Frame>& frames, std::uint32_t stream) {
  return std::any_of(frames.begin(), frames.end(), [stream](const Frame& one) {
    return one.stream == stream && (one.type == kData || one.type == kHeaders) &&
           (one.flags & kEndStream) != 0;
  });
}

std::string fields_of(const std::vector<Frame>& frames, std::uint32_t stream) {
  std::string out;
  for (const auto& one : frames)
    if (one.type == kHeaders && one.stream == stream) out.append(one.fields).append("-\n");
  return out;
}

Stream& serve(Client& client, User& user) {
  auto* const stream = client.session.next_request();
  REQUIRE(stream != nullptr);
  stream->begin_use(user);
  return *stream;
}

std::string read_all(Stream& stream) {
  std::string out;
  std::array<char, 100> space{};
  while (const auto count = stream.read(space)) out.append(space.data(), count);
  return out;
}

bool write_all(Stream& stream, std::string_view octets) {
  return stream.write(octets) && octets.empty();
}

}  // namespace lb::http2::test
