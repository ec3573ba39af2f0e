#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vrrp::link {

/// Runs commands of nft(8) as one transaction. What it complains of, in one line, or nothing.
std::optional<std::string> run_nft(const std::string& commands);
/// What a listing command prints; nothing when it fails.
std::optional<std::string> list_nft(const std::string& command);

/// libnftables is loaded when it is needed first; until then again it is not in our memory.
void unload_nft();

/// For the name of a table: of an interface's name only what nft takes in an identifier.
std::string nft_word(std::string_view interface);

/// As the kernel numbers them.
enum class NftFamily : std::uint8_t { Ipv4 = 2, Arp = 3, Netdev = 5, Ipv6 = 10 };
/// As `delete table …`, without a look at all the others. One that is not there is no fault.
void delete_nft_table(NftFamily family, const std::string& table);

}  // namespace vrrp::link
