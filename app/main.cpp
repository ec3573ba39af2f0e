#include "app/add_user.hpp"
#include "app/api/service.hpp"
#include "app/auth/password.hpp"
#include "app/config/keys.hpp"
#include "app/config/load.hpp"
#include "app/notify/caretaker.hpp"
#include "app/notify/sender.hpp"
#include "app/ops/watcher.hpp"
#include "app/store/pair_look.hpp"
#include "common/admin_server.hpp"
#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/log.hpp"
#include "common/metrics.hpp"
#include "common/notify.hpp"
#include "common/signals.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using common::Exit;

constexpr common::Log kLog{"booking"};

/// `bookd --hash-password`: what `admins[].password_hash` wants.
int print_password_hash() {
  std::string password;
  std::getline(std::cin, password);
  const auto hash = password.empty() ? std::nullopt : booking::auth::hash_password(password);
  if (!hash) {
    std::fprintf(stderr, "bookd: no password on standard input, or longer than %zu octets\n",
                 booking::auth::kMaxPassword);
    return static_cast<int>(Exit::Failed);
  }
  std::printf("%s\n", hash->c_str());
  return static_cast<int>(Exit::Ok);
}

/// Throws what makes a start impossible.
template <class T>
T needed(common::Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error{what + ": " + result.error().message()};
  return *result;
}

/// Asks until the database answers, as it does soon after its store was opened.
asio::awaitable<void> print_retention(booking::store::Store& store,
                                      booking::store::RetentionRules rules, Exit& exit) {
  constexpr int kTries = 50;
  asio::steady_timer pause{co_await asio::this_coro::executor};
  for (int tries = 0; tries < kTries; ++tries) {
    const auto report = co_await store.retain(rules, common::wall_now(), true);
    if (report) {
      std::printf("%s\n", booking::notify::to_json(*report).c_str());
      exit = Exit::Ok;
      co_return;
    }
    pause.expires_after(std::chrono::milliseconds{100});
    co_await pause.async_wait(asio::use_awaitable);
  }
  std::fprintf(stderr, "bookd: the database does not answer\n");
}

/// `bookd --new-keys`: a key file; `bookd --next-key FILE`: the line to append to it.
int print_keys(const char* file) {
  if (file == nullptr) {
    std::printf("%s", booking::privacy::new_key_file().c_str());
    return static_cast<int>(Exit::Ok);
  }
  booking::config::Settings settings;
  settings.servers.emplace();  // none is made here
  settings.keys_file = std::filesystem::absolute(file).string();
  try {
    const auto line = booking::privacy::next_key_line(booking::config::load_keys(settings, ""));
    std::printf("%s", line.c_str());
    return static_cast<int>(Exit::Ok);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bookd: %s\n", error.what());
    return static_cast<int>(Exit::Failed);
  }
}

std::unique_ptr<booking::store::Store> open_store(const booking::config::Settings& settings,
                                                  booking::privacy::Vault vault, bool serving) {
  if (settings.servers)
    return booking::store::open_mariadb_store(*settings.servers, std::move(vault));
  auto options = settings.file;
  const std::filesystem::path file{options.file};
  if (file.is_relative()) {
    const std::filesystem::path folder{booking::config::state_directory()};
    std::filesystem::create_directories(folder);
    options.file = folder / file;
  }
  if (serving)
    kLog.warn("one node without a replica: what this disk loses is lost", {{"file", options.file}});
  return booking::store::open_sqlite_store(std::move(options), std::move(vault));
}

/// How the operations page learns of the database's nodes.
booking::ops::Watcher::DatabaseLook database_look(const booking::config::Settings& settings) {
  if (settings.servers)
    return [servers = *settings.servers] { return booking::store::look_at_nodes(servers); };
  return [file = settings.file.file] {
    booking::store::NodeLook look;
    look.node = file;
    look.answers = look.writable = look.alone = true;
    return std::vector{look};
  };
}

void read_secrets(booking::config::Settings& settings, const std::string& config) {
  const auto read = [&](const std::string& name, std::string& out) {
    if (!booking::config::read_secret(name, config, out))
      throw std::runtime_error{"cannot read " + booking::config::secret_path(name, config)};
  };
  if (settings.servers) read(settings.password_file, settings.servers->password);
  read(settings.slack_url_file, settings.notify.slack_url);
  read(settings.webhook_secret_file, settings.notify.webhook_secret);
  read(settings.text_token_file, settings.notify.text_token);
  const auto channels = settings.notify.channels();
  settings.file.channels = channels;
  if (settings.servers) settings.servers->channels = channels;
}

/// `bookd --retention-dry-run [CONFIG]`: what would be forgotten now.
int count_retention(const std::string& config) {
  try {
    auto loaded = booking::config::load_file(config);
    if (!loaded.settings) {
      common::print_errors(loaded.errors);
      return static_cast<int>(Exit::BadUsage);
    }
    auto& settings = *loaded.settings;
    read_secrets(settings, config);
    booking::privacy::Vault vault{booking::config::load_keys(settings, config)};
    const auto store = open_store(settings, std::move(vault), false);
    asio::io_context context{1};
    auto exit = Exit::Failed;
    asio::co_spawn(context, print_retention(*store, settings.notify.retention, exit),
                   asio::detached);
    context.run();
    return static_cast<int>(exit);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bookd: %s\n", error.what());
    return static_cast<int>(Exit::Failed);
  }
}

void serve(const booking::config::Settings& settings, booking::privacy::Vault vault) {
  asio::io_context context{1};
  const auto store = open_store(settings, vault, true);
  common::Metrics metrics;
  common::AdminServer admin{context};
  const booking::ops::Watcher watcher{settings.ops, database_look(settings)};
  booking::api::Service service{context,          settings.api, settings.web, *store,
                                std::move(vault), watcher,      metrics};
  service.add_to(admin);

  const auto http_at = needed(service.listen(), "listen " + settings.api.listen.to_string());
  const auto admin_at =
      needed(admin.listen(settings.admin_listen), "listen " + settings.admin_listen.to_string());

  const auto leave = [&](const std::exception_ptr&) { context.stop(); };
  common::Signals signals{context,
                          {.stop =
                               [&] {
                                 common::notify_stopping();
                                 asio::co_spawn(context, service.drain(), leave);
                               },
                           .abort = [&] { context.stop(); },
                           .reload = [&] { service.renew(); }}};
  booking::notify::Sender sender{*store, settings.notify, metrics};
  asio::co_spawn(context, sender.run(), asio::detached);
  asio::co_spawn(context, booking::notify::take_care(*store, settings.notify), asio::detached);
  common::Watchdog watchdog{context};
  common::notify_ready("serving");
  kLog.info("serving", {{"version", common::kVersion},
                        {"http", http_at.to_string()},
                        {"admin", admin_at.to_string()}});
  context.run();
  kLog.info("stopped");
}

/// `bookd --add-user`: the way in for the first owner.
int add_user(const booking::config::Settings& settings, booking::privacy::Vault vault,
             const std::string& username, const std::string& role) {
  if (role != "owner" && role != "staff") {
    std::fprintf(stderr, "bookd: a role is owner or staff\n");
    return static_cast<int>(Exit::BadUsage);
  }
  const auto store = open_store(settings, std::move(vault), false);
  std::string password;
  std::getline(std::cin, password);
  const auto refusal = booking::add_user(
      *store, username, password,
      role == "owner" ? booking::store::Role::Owner : booking::store::Role::Staff);
  if (refusal) {
    std::fprintf(stderr, "bookd: %s\n", refusal->c_str());
    return static_cast<int>(Exit::Failed);
  }
  std::printf("%s may log in now, as %s\n", username.c_str(), role.c_str());
  return static_cast<int>(Exit::Ok);
}

/// Takes `--add-user NAME ROLE` out of the arguments.
std::optional<std::pair<std::string, std::string>> take_new_user(int& argc, char** argv) {
  for (int i = 1; i + 2 < argc; ++i) {
    if (std::string_view{argv[i]} != "--add-user") continue;
    std::pair<std::string, std::string> taken{argv[i + 1], argv[i + 2]};
    std::copy(argv + i + 3, argv + argc, argv + i);
    argc -= 3;
    return taken;
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == "--hash-password") return print_password_hash();
  if (argc == 3 && std::string_view{argv[1]} == "--retention-dry-run")
    return count_retention(argv[2]);
  if (argc == 2 && std::string_view{argv[1]} == "--new-keys") return print_keys(nullptr);
  if (argc == 3 && std::string_view{argv[1]} == "--next-key") return print_keys(argv[2]);
  const auto new_user = take_new_user(argc, argv);
  auto exit = Exit::Ok;
  bool file_only = false;
  const std::array flags{
      common::Flag{"file-only", "with --check: read no key, certificate or secret", &file_only}};
  const auto arguments = common::read_command_line(
      argc, argv, "bookd",
      "takes and keeps bookings\n"
      "(bookd --hash-password reads a password from standard input and prints its hash;\n"
      "bookd --new-keys prints a key file for personal data, bookd --next-key FILE its next line;\n"
      "bookd --retention-dry-run CONFIG counts what is over its time;\n"
      "bookd --add-user NAME owner|staff [--config FILE] reads one and lets NAME log in)",
      "/etc/mainstay/bookd.yaml", exit, flags);
  if (!arguments) return static_cast<int>(exit);

  // For who only wants to see it run: every default, when there is no configuration at all.
  const bool bare = !arguments->config_given && !std::filesystem::exists(arguments->config);
  const bool reads_files = arguments->check && !file_only;
  auto loaded = bare          ? booking::config::load_text("", "defaults")
                : reads_files ? booking::config::check_file(arguments->config)
                              : booking::config::load_file(arguments->config);
  if (!loaded.settings) {
    common::print_errors(loaded.errors);
    return static_cast<int>(Exit::BadUsage);
  }
  if (arguments->check) return static_cast<int>(Exit::Ok);

  auto& settings = *loaded.settings;
  common::start_logging("bookd", settings.log);
  try {
    read_secrets(settings, arguments->config);
    booking::privacy::Vault vault{booking::config::load_keys(settings, arguments->config)};
    if (new_user) return add_user(settings, std::move(vault), new_user->first, new_user->second);
    serve(settings, std::move(vault));
  } catch (const std::exception& error) {
    kLog.error("bookd cannot go on", {{"reason", error.what()}});
    return static_cast<int>(Exit::Failed);
  }
  return static_cast<int>(Exit::Ok);
}
