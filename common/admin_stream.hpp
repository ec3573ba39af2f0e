#pragma once

#include "common/admin_link.hpp"
#include "common/admin_routes.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// Readers of Server-Sent Events (WHATWG HTML, section 9.2): each route's source is asked once for
/// all who read it.
class AdminStreams {
 public:
  static constexpr std::string_view kContentType = "text/event-stream";

  /// What one reader has not been sent yet.
  struct Reader {
    explicit Reader(boost::asio::io_context& context) : wake{context} {}
    std::string unsent;
    boost::asio::steady_timer wake;
    bool dropped{false};
  };
  using Place = std::shared_ptr<Reader>;

  explicit AdminStreams(boost::asio::io_context& context) : context_{context} {}

  /// Null when there are too many readers. The place is free again when its last owner lets go.
  Place take_place(const AdminRoutes::Route& route);
  /// Sends events until the reader leaves, is too slow, or `stop` is called.
  boost::asio::awaitable<void> feed(AdminLink& stream, Place place);
  void stop();
  /// All sources are asked now.
  void refresh();

 private:
  struct Hub {
    explicit Hub(boost::asio::io_context& context) : pause{context} {}
    boost::asio::steady_timer pause;
    std::string last;  // what was sent, of a source that is for changes only
    std::vector<std::weak_ptr<Reader>> readers;
    bool running{false};
  };
  static boost::asio::awaitable<void> run(std::shared_ptr<Hub> hub,
                                          const AdminRoutes::Route& route);
  std::size_t readers() const;

  boost::asio::io_context& context_;
  std::map<const AdminRoutes::Route*, std::shared_ptr<Hub>> hubs_;
  bool stopped_{false};
};

}  // namespace common
