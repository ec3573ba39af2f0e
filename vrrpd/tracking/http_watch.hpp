#pragma once

#include "vrrpd/tracking/track_options.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace vrrp::tracking {

/// Holds `GET path/watch` open: Server-Sent Events whose data are `ready` or anything else, which
/// is not ready. Says nothing about a target that does not have it; what it cannot hear, a question
/// finds out.
class HttpWatch {
 public:
  enum class Word { Ready, NotReady, HungUp };
  using OnWord = std::function<void(Word)>;

  HttpWatch(boost::asio::io_context& context, HttpTarget target, OnWord on_word);
  HttpWatch(const HttpWatch&) = delete;
  HttpWatch& operator=(const HttpWatch&) = delete;
  ~HttpWatch();

  /// Connects when there is no connection.
  void hold();

 private:
  struct Connection;

  boost::asio::io_context& context_;
  HttpTarget target_;
  OnWord on_word_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace vrrp::tracking
