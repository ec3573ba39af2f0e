#pragma once

#include "common/time.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace lb::upstream {

class Http2Link;
struct Connection;

/// The connections of HTTP/2 from one worker to one endpoint.
class Http2Links {
 public:
  using Open = std::function<std::shared_ptr<Http2Link>()>;

  Http2Links() = default;
  Http2Links(const Http2Links&) = delete;
  Http2Links& operator=(const Http2Links&) = delete;
  ~Http2Links() { leave(); }

  /// A share in a connection that is there and has room; null when there is none.
  std::unique_ptr<Connection> take_ready();
  /// A share in whatever comes soonest: one that is being made and has room, a new one while there
  /// are fewer than `most`, else the one with the fewest exchanges, where this one may have to
  /// wait.
  std::unique_ptr<Connection> take_any(std::size_t most, const Open& open);

  /// Ends those that nobody has used since then, and forgets those that have ended.
  void sweep(common::TimePoint idle_since);
  /// All: none takes another exchange, each ends with its last.
  void leave();

 private:
  std::vector<std::shared_ptr<Http2Link>> links_;
};

}  // namespace lb::upstream
