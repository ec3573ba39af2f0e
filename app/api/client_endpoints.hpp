#pragma once

#include "app/api/route_table.hpp"
#include "app/web/client/client_files.hpp"

namespace booking::api {

/// Of what has the digest of its content in its name.
inline constexpr std::string_view kForever = "public, max-age=31536000, immutable";

/// One of the client's files under a name that carries its digest; 304 to who has it.
Response kept_file(const Request& request, const client::File& file);

/// The admin's client: one page, its scripts and styles; and the font of all pages.
class ClientEndpoints {
 public:
  void add_to(RouteTable& routes);

 private:
  static boost::asio::awaitable<Response> page(const Request& request);
  static boost::asio::awaitable<Response> asset(const Request& request);
  static boost::asio::awaitable<Response> font(const Request& request);
};

}  // namespace booking::api
