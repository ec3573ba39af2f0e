#pragma once

#include "common/log.hpp"
#include "vrrpd/daemon/log_limit.hpp"
#include "vrrpd/handover/handover_options.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <set>

namespace vrrp::daemon {

/// The word to lbd on this node, by its admin API: for a while every answer is the last on its
/// connection. So clients whose connections live on here after their addresses have moved go of
/// their own accord, one answer later. Never waited for; without an answer the connections end as
/// they would.
class LbdWord {
 public:
  static constexpr std::chrono::milliseconds kLimit{1000};  // for an answer

  /// `options` outlive it.
  LbdWord(boost::asio::io_context& context, const handover::HandoverOptions& options)
      : context_{context}, options_{options} {}

  /// `holder` (anything that is itself) has given its addresses away and still serves; says so for
  /// as long as that may last.
  void begin(const void* holder);
  /// It serves no longer, or has the addresses again. The last one ends it.
  void end(const void* holder);

 private:
  struct Request;
  void say(std::chrono::seconds how_long);

  boost::asio::io_context& context_;
  const handover::HandoverOptions& options_;
  std::set<const void*> holders_;
  std::shared_ptr<LogLimit> failures_{std::make_shared<LogLimit>()};
};

}  // namespace vrrp::daemon
