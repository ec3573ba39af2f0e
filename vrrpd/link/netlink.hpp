#pragma once

#include "common/result.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

struct mnl_socket;
struct nlmsghdr;

namespace vrrp::link {

/// rtnetlink, one request at a time: asked, then answered or refused by the kernel. Waits at most
/// `kAnswerLimit`.
class Netlink {
 public:
  static constexpr std::size_t kLargestRequest = 512;
  static constexpr std::chrono::milliseconds kAnswerLimit{1000};

  static common::Result<Netlink> open();

  /// A request of `type` with room for what `nlmsg_put_extra_header` and attributes need; valid
  /// until the next one.
  nlmsghdr* request(std::uint16_t type, std::uint16_t flags);
  /// Sends the last `request` and waits for its acknowledgement.
  common::Result<void> acknowledged();
  /// Sends the last `request` and hands each answer to `take`.
  common::Result<void> dumped(const std::function<void(const nlmsghdr*)>& take);

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const;
  };
  explicit Netlink(mnl_socket* socket) : socket_{socket} {}
  common::Result<void> exchange(const std::function<void(const nlmsghdr*)>& take);

  std::unique_ptr<mnl_socket, Closer> socket_;
  alignas(8) std::array<char, kLargestRequest> request_{};
  std::uint32_t sequence_{0};
};

}  // namespace vrrp::link
