#pragma once

#include "app/api/http_message.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

/// Answers one request; the request stays until the answer is there.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

/// Method and path to handler. A pattern is a literal path in which one segment may be `{name}`,
/// which takes any one segment that is not empty. HEAD goes where GET goes.
class RouteTable {
 public:
  struct Match {
    const Handler* handler{nullptr};  // null: no such path, or not with this method
    std::string_view pattern;         // for metrics; empty when no path fits
    std::string_view parameter;       // a view into the path that was asked for
    bool upload{false};               // its bodies may be as large as HttpLimits::upload
    std::string allow;  // methods of this path, when it is the method that does not fit
  };

  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// A route that takes files.
  void add_upload(std::string_view method, std::string_view pattern, Handler handler);
  Match find(std::string_view method, std::string_view path) const;
  /// `GET /lookup` and so on, in the order they were added.
  std::vector<std::string> list() const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    bool upload{false};
  };
  std::vector<Route> routes_;
};

}  // namespace booking::api
