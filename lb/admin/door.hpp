#pragma once

#include "common/admin_server.hpp"
#include "lb/admin/control.hpp"
#include "lb/admin/rates.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace lb::admin {

/// Puts a Control behind an operator's door: status as JSON, commands, events, and the dashboard.
/// docs/lbd.md lists the paths.
class Door {
 public:
  static constexpr auto kInterval = std::chrono::seconds{1};  // of rates and events

  /// All of them outlive the door. Adds the routes; call before the server listens.
  Door(boost::asio::io_context& context, common::AdminServer& server, Control& control,
       bool dashboard);

  void stop();

 private:
  using Request = common::AdminRequest;
  using Answer = common::AdminAnswer;
  using Endpoint = CommandResult (Control::*)(std::string_view, std::string_view);

  void add_status(common::AdminServer& server);
  void add_commands(common::AdminServer& server);
  void add_endpoint_command(common::AdminServer& server, std::string method, std::string path,
                            Endpoint command);
  void sample();
  std::string status_event() const;
  /// Tells the log who did what, and the operator what came of it.
  static Answer carried_out(const Request& request, std::string_view command,
                            const CommandResult& result);

  Control& control_;
  Rates rates_;
  boost::asio::steady_timer timer_;
};

}  // namespace lb::admin
