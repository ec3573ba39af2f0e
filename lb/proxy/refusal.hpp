#pragma once

#include "lb/filters/reason.hpp"
#include "lb/http1/errc.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace lb::proxy {

/// What is wrong with a request beyond its octets, or with getting an answer to it.
enum class Trouble : std::uint8_t {
  ConnectMethod,
  TraceMethod,
  ForwardedHeadTooLarge,
  LastForward,  // not trouble: OPTIONS that ends here
  BodyTooLarge,
  NoRoute,
  Misdirected,
  HeadTimeout,
  BodyTimeout,
  BodyTooSlow,
  NoEndpoint,
  QueueFull,
  Overloaded,
  QueueTimeout,
  NotConnected,
  ConnectTimeout,
  ConnectionDied,
  AnswerTimeout,
  BadAnswer,
  TotalTimeout,
  // Below: nobody is left to be answered, or the answer has begun; only counted and logged.
  ClientGone,
  ClientStalled,
  AnswerCut,
  TunnelTimeout,
  // Below: not trouble at all.
  Intercepted,  // a page of the site's own stands in for an endpoint's answer, whose status it has
  Filtered,     // a filter answers; its reason is known besides
};
inline constexpr std::size_t kTroubleCount = 25;

/// An answer that lbd gives itself.
struct Refusal {
  unsigned status;
  std::string_view code;    // for machines, also the metric's label
  std::string_view detail;  // a sentence
  std::size_t counter;      // its place in WorkerCounters::refusals
};

Refusal refusal_of(Trouble trouble);
Refusal refusal_of(http1::Errc reason);
Refusal refusal_of(filters::Reason reason);

/// The codes in the order of `Refusal::counter`.
std::vector<std::string_view> refusal_codes();

}  // namespace lb::proxy
