#pragma once

#include "common/bytes.hpp"
#include "vrrpd/link/descriptor.hpp"

namespace vrrp::link {

/// Whole Ethernet frames out of one interface; receives nothing.
class FrameSocket {
 public:
  /// Needs CAP_NET_RAW.
  static common::Result<FrameSocket> open(int interface_index);

  /// `frame` begins with the Ethernet header. Never waits.
  common::Result<void> send(common::Octets frame);

 private:
  FrameSocket(Descriptor socket, int index) : socket_{std::move(socket)}, index_{index} {}

  Descriptor socket_;
  int index_;
};

}  // namespace vrrp::link
