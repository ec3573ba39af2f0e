#pragma once

#include "app/api/api_options.hpp"
#include "app/notify/notify_options.hpp"
#include "app/ops/ops_options.hpp"
#include "app/store/mariadb_store.hpp"
#include "app/store/sqlite_store.hpp"
#include "app/web/web_options.hpp"
#include "common/address.hpp"
#include "common/log.hpp"

#include <optional>
#include <string>

namespace booking::config {

/// Everything bookd.yaml says.
struct Settings {
  common::LogOptions log;
  common::SocketAddress admin_listen{common::IpAddress::v4(0x7F000001), 9108};
  api::ApiOptions api;
  /// Servers; without them bookings are kept in a file.
  std::optional<store::MariadbOptions> servers;
  store::SqliteOptions file;
  /// Where the database's password stands, unless it stands in the configuration itself.
  std::string password_file;
  /// Where the keys of personal data stand; see privacy/key_ring.hpp.
  std::string keys_file{"bookd-keys"};
  web::WebOptions web;
  notify::NotifyOptions notify;
  /// Where secrets of messages stand; read with the password.
  std::string slack_url_file;
  std::string webhook_secret_file;
  std::string text_token_file;
  ops::OpsOptions ops;
};

}  // namespace booking::config
