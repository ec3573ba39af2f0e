#pragma once

#include "app/pair/planners.hpp"
#include "common/address.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace booking::dbctl {

struct NodeOptions {
  std::string name;
  common::SocketAddress address;
  /// What is run, followed by a verb of scripts/db-node, to have something done on the node's
  /// machine; empty: nothing can.
  std::vector<std::string> command;
};

/// Everything dbctl.yaml says.
struct Options {
  std::vector<NodeOptions> nodes;  // two
  std::string database{"bookd"};   // the application's
  std::string user{"dbctl"};
  std::string password_file{"dbctl.password"};
  std::string password;  // what stands in that file
  std::string replication_password_file{"replication.password"};
  std::string replication_password;
  bool tls{true};
  std::string tls_ca{
      "/etc/mysql/tls/ca.pem"};  // of dbctl's own sessions, verified with the address
  std::string tls_certificate;   // dbctl's own, if its account asks for one
  std::string tls_key;
  std::string record{"/var/lib/mainstay/dbctl.json"};
  std::chrono::seconds connect_timeout{1};
  pair::Terms terms{.replication_user = "replication", .tls_ca = "/etc/mysql/tls/ca.pem"};
};

}  // namespace booking::dbctl
