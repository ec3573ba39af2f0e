#include "lb/discovery/dns_answer.hpp"

#include "common/bytes.hpp"

#include <algorithm>
#include <ares.h>
#include <array>
#include <memory>
#include <netinet/in.h>

namespace lb::discovery {

using common::IpAddress;

namespace {

constexpr std::size_t kHeader = 12;          // RFC 1035 §4.1.1
constexpr std::size_t kQuestionEnd = 4;      // type and class
constexpr std::size_t kRecordFixed = 10;     // type, class, TTL, length
constexpr std::uint32_t kMostTtl = 1 << 30;  // RFC 2181 §8: the top bit means nothing

int length_of(std::span<const std::uint8_t> message) { return static_cast<int>(message.size()); }

/// c-ares leaves the TTL of services out. 0 when the message makes no sense.
std::chrono::seconds least_ttl(std::span<const std::uint8_t> message) {
  if (message.size() < kHeader) return {};
  const auto u16 = [&](std::size_t at) {
    return common::load_big_endian<std::uint16_t>(message.subspan(at).first<2>());
  };
  const auto name = [&](std::size_t at) -> std::size_t {  // its length; 0: there is none
    char* text = nullptr;
    long length = 0;
    if (ares_expand_name(message.data() + at, message.data(), length_of(message), &text, &length))
      return 0;
    ares_free_string(text);
    return static_cast<std::size_t>(length);
  };
  std::size_t at = kHeader;
  const auto questions = u16(4);
  const auto answers = u16(6);
  for (unsigned i = 0; i < questions; ++i) {
    const auto length = at < message.size() ? name(at) : 0;
    if (length == 0) return {};
    at += length + kQuestionEnd;
  }
  std::uint32_t least = kMostTtl;
  for (unsigned i = 0; i < answers; ++i) {
    const auto length = at < message.size() ? name(at) : 0;
    if (length == 0 || at + length + kRecordFixed > message.size()) return {};
    at += length;
    least =
        std::min(least, common::load_big_endian<std::uint32_t>(message.subspan(at + 4).first<4>()));
    at += kRecordFixed + u16(at + 8);
  }
  return std::chrono::seconds{answers == 0 ? 0 : least};
}

bool can_be_endpoint(const IpAddress& address) {
  const auto& octets = address.octets();
  if (address.is_v4()) return octets[0] != 0 && octets[0] < 224;
  if (octets[0] == 0xFF) return false;
  return std::any_of(octets.begin(), octets.end(), [](auto octet) { return octet != 0; });
}

common::Result<Addresses, DnsFault> finish(Addresses addresses) {
  auto& list = addresses.list;
  std::erase_if(list, [](const auto& address) { return !can_be_endpoint(address); });
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.empty()) return DnsFault{ARES_ENODATA};
  return addresses;
}

/// `Record` is a pair of an address and its TTL, as c-ares gives them.
template <class Record, class Parse, class ToAddress>
common::Result<Addresses, DnsFault> parse_addresses(std::span<const std::uint8_t> message,
                                                    Parse parse, ToAddress to_address) {
  std::array<Record, kMostAnswers> records{};
  int count = static_cast<int>(records.size());
  const int status = parse(message.data(), length_of(message), nullptr, records.data(), &count);
  if (status != ARES_SUCCESS) return DnsFault{status};
  Addresses found;
  int ttl = static_cast<int>(kMostTtl);
  for (int i = 0; i < count; ++i) {
    const auto& record = records[static_cast<std::size_t>(i)];
    found.list.push_back(to_address(record));
    ttl = std::min(ttl, std::max(record.ttl, 0));
  }
  found.ttl = std::chrono::seconds{ttl};
  return finish(std::move(found));
}

}  // namespace

common::Result<Addresses, DnsFault> parse_v4(std::span<const std::uint8_t> message) {
  return parse_addresses<ares_addrttl>(message, ares_parse_a_reply, [](const auto& record) {
    return IpAddress::v4(ntohl(record.ipaddr.s_addr));
  });
}

common::Result<Addresses, DnsFault> parse_v6(std::span<const std::uint8_t> message) {
  return parse_addresses<ares_addr6ttl>(message, ares_parse_aaaa_reply, [](const auto& record) {
    std::array<std::uint8_t, 16> octets{};
    std::copy(std::begin(record.ip6addr._S6_un._S6_u8), std::end(record.ip6addr._S6_un._S6_u8),
              octets.begin());
    return IpAddress::v6(octets);
  });
}

common::Result<Services, DnsFault> parse_services(std::span<const std::uint8_t> message) {
  ares_srv_reply* first = nullptr;
  const int status = ares_parse_srv_reply(message.data(), length_of(message), &first);
  if (status != ARES_SUCCESS) return DnsFault{status};
  const std::unique_ptr<ares_srv_reply, void (*)(void*)> owner{first, ares_free_data};
  Services found;
  for (const auto* record = first; record != nullptr; record = record->next) {
    const std::string host{record->host};
    // A single dot: the service is decidedly not there (RFC 2782).
    if (host.empty() || host == "." || record->port == 0) continue;
    found.list.push_back({host, record->port, record->priority, record->weight});
  }
  std::sort(found.list.begin(), found.list.end(), [](const auto& a, const auto& b) {
    return std::tie(a.priority, a.host, a.port) < std::tie(b.priority, b.host, b.port);
  });
  if (found.list.size() > kMostAnswers) found.list.resize(kMostAnswers);
  if (found.list.empty()) return DnsFault{ARES_ENODATA};
  found.ttl = least_ttl(message);
  return found;
}

}  // namespace lb::discovery
