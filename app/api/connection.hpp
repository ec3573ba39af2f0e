#pragma once

#include "app/api/api_options.hpp"
#include "app/api/metrics.hpp"
#include "app/api/problem.hpp"
#include "app/api/route_table.hpp"
#include "app/api/server.hpp"
#include "app/api/tls_door.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace booking::api {

/// One of the few places for large bodies; gives itself back.
class UploadPlace {
 public:
  explicit UploadPlace(std::size_t& taken) : taken_{&taken} { ++taken; }
  UploadPlace(UploadPlace&& other) noexcept : taken_{std::exchange(other.taken_, nullptr)} {}
  UploadPlace& operator=(UploadPlace&& other) noexcept {
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~UploadPlace() {
    if (taken_ != nullptr) --*taken_;
  }

 private:
  std::size_t* taken_;
};

/// Large bodies under way, so that strangers cannot fill the memory with them. Of one event loop.
class Uploads {
 public:
  std::optional<UploadPlace> take(std::size_t most) {
    if (taken_ >= most) return std::nullopt;
    return UploadPlace{taken_};
  }

 private:
  std::size_t taken_{0};
};

/// What all connections of a server use; outlives each of them.
struct ConnectionContext {
  const ApiOptions& options;
  const RouteTable& routes;
  Metrics& metrics;
  Refuse refuse;
  Uploads& uploads;
  const TlsDoor* tls;  // null: HTTP in the clear
};

/// One client's connection, from accept to close.
class Connection {
 public:
  Connection(std::shared_ptr<const ConnectionContext> context, boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  boost::asio::awaitable<void> run();
  /// Closes now when no request is under way, else after its answer.
  void finish();
  /// Closes now.
  void cut();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace booking::api
