#pragma once

#include "common/address.hpp"
#include "vrrpd/packet/types.hpp"

#include <array>
#include <cstdint>

namespace vrrp::packet {

/// Hosts differ in which form moves their cache (RFC 5227 §3): an announcement is sent in both.
enum class ArpForm : std::uint8_t { Request = 1, Reply = 2 };

using ArpFrame = std::array<std::uint8_t, 42>;

/// A broadcast Ethernet frame that says `address` is at `mac` (RFC 826, RFC 5227 §2.3): sender and
/// target address the same.
ArpFrame gratuitous_arp(const common::IpAddress& address, const MacAddress& mac, ArpForm form);

}  // namespace vrrp::packet
