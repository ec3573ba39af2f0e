#pragma once

#include "common/admin_message.hpp"

#include <chrono>
#include <functional>
#include <optional>

namespace common {

/// What an operator's door answers, by method and path. A pattern is a path whose segments may be
/// `{}`: such a segment takes any text, which the handler is given.
class AdminRoutes {
 public:
  using Handler = std::function<AdminAnswer(const AdminRequest&)>;
  /// The next events of a stream, as text/event-stream; empty: nothing new.
  using Source = std::function<std::string()>;

  struct Route {
    std::string method;
    std::vector<std::string> segments;
    bool guarded{true};  // only under a name that is ours; see admin_guard.hpp
    Handler handler;
    Source source{};  // in place of a handler
    std::chrono::milliseconds interval{0};
    bool only_changes{false};  // what the source says is sent again only when it is another
  };

  void add(Route route) { routes_.push_back(std::move(route)); }

  struct Found {
    const Route* route{nullptr};
    std::vector<std::string> parameters;
    std::string allow;  // methods of this path, when there is no route for the one asked
  };
  /// HEAD finds the route of GET. `path` is as sent, without a query; what cannot be decoded is
  /// found by nobody.
  Found find(std::string_view method, std::string_view path) const;
  /// What can be got, for somebody who is lost; each line a path.
  std::string pages() const;

  static std::vector<std::string> split(std::string_view path);

 private:
  std::vector<Route> routes_;
};

/// RFC 3986 §2.1; nothing when a `%` is not followed by two digits, or for an encoded NUL.
std::optional<std::string> percent_decoded(std::string_view text);
/// Everything but unreserved characters is encoded, so that a name is one segment of a path.
std::string percent_encoded(std::string_view text);

}  // namespace common
