#include "vrrpd/ctl/run.hpp"

#include "common/admin_routes.hpp"
#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/faults_json.hpp"
#include "common/time.hpp"
#include "vrrpd/config/load.hpp"
#include "vrrpd/ctl/client.hpp"
#include "vrrpd/ctl/explain.hpp"
#include "vrrpd/ctl/render.hpp"
#include "vrrpd/ctl/run_drill.hpp"
#include "vrrpd/import/keepalived.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>
#include <unistd.h>

namespace vrrp::ctl {
namespace {

namespace json = boost::json;
using common::AdminClient;
using common::array_at;
using common::flag_at;
using common::Paint;
using common::text_at;

constexpr std::uint16_t kPort = 9112;
constexpr auto kMovePoll = std::chrono::milliseconds{20};

Paint paint() { return {::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr}; }

/// Where vrrpd is to be found, when nobody said.
std::string find_address(const Arguments& arguments) {
  constexpr const char* kSocket = "/run/vrrpd/admin.sock";
  if (!arguments.address.empty()) return arguments.address;
  const char* const named = std::getenv("VRRPCTL_URL");
  if (named != nullptr && *named == '/') return std::string{"unix:"} + named;
  if (named != nullptr && *named != '\0') return named;
  return ::access(kSocket, F_OK) == 0 ? std::string{"unix:"} + kSocket
                                      : "http://127.0.0.1:" + std::to_string(kPort);
}

/// The first line of the token's file. Without one vrrpd will say what is needed.
std::optional<std::string> find_token(const Arguments& arguments) {
  std::string file = arguments.token_file;
  const char* const named = std::getenv("VRRPCTL_TOKEN_FILE");
  if (file.empty() && named != nullptr) file = named;
  const bool wanted = !file.empty();
  if (!wanted) file = "/etc/mainstay/vrrpd.token";
  std::ifstream in{file};
  std::string token;
  std::getline(in, token);
  if (token.ends_with('\r')) token.pop_back();
  if (wanted && token.empty()) return std::nullopt;
  return token;
}

Exit status(const Arguments& arguments, const AdminClient& client) {
  const auto said = ask_status(client);
  if (const auto exit = trouble(arguments, said); exit != Exit::Done) return exit;
  print(arguments.json ? said->text : render_status(said->json, paint()));
  return is_well(said->json) ? Exit::Done : Exit::Unwell;
}

Exit explain_routers(const Arguments& arguments, const AdminClient& client) {
  const auto said = ask_status(client);
  if (const auto exit = trouble(arguments, said); exit != Exit::Done) return exit;
  json::array all;
  std::string text;
  for (const auto& router : array_at(said->json, "/routers")) {
    if (!is_meant(router, arguments.operands)) continue;
    const auto sentences = explain(router);
    all.push_back(json::object{{"router", name_of(router)}, {"explanation", sentences}});
    text += (text.empty() ? "" : "\n") + sentences;
  }
  if (all.empty()) return complain("there is no such router here"), Exit::Refused;
  print(arguments.json ? json::serialize(all) + '\n' : text);
  return Exit::Done;
}

/// Also tells when vrrpd comes and goes. Ends by a signal.
[[noreturn]] void watch(const Arguments& arguments, const AdminClient& client) {
  const auto tell = [&](const json::value& what, const std::string& line) {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
    ::localtime_r(&now, &local);
    std::array<char, 16> clock{};
    std::strftime(clock.data(), clock.size(), "%H:%M:%S", &local);
    print((arguments.json ? json::serialize(what) : std::string{clock.data()} + "  " + line) +
          '\n');
  };
  std::map<std::string, std::string> known;
  std::string trouble_before;
  for (;; std::this_thread::sleep_for(arguments.interval)) {
    const auto said = ask_status(client);
    const std::string trouble_now = said ? "" : said.error();
    if (trouble_now != trouble_before && !trouble_now.empty())
      tell(json::object{{"unreachable", trouble_now}}, trouble_now);
    trouble_before = trouble_now;
    if (!said) {
      known.clear();
      continue;
    }
    for (const auto& router : array_at(said->json, "/routers")) {
      auto digest = digest_of(router);
      auto& before = known[name_of(router)];
      if (digest == before) continue;
      tell(router, digest);
      before = std::move(digest);
    }
  }
}

/// Until no meant router is Active, or still serves, here.
Exit await_given_away(const Arguments& arguments, const AdminClient& client,
                      const std::vector<std::string>& routers) {
  const auto until = common::Clock::now() + arguments.wait;
  for (;;) {
    const auto said = ask_status(client);
    if (const auto exit = trouble(arguments, said); exit != Exit::Done) return exit;
    const bool still_ours =
        std::ranges::any_of(array_at(said->json, "/routers"), [&](const json::value& router) {
          return is_meant(router, routers) &&
                 (text_at(router, "/state") == "active" || flag_at(router, "/holding"));
        });
    if (!still_ours) return Exit::Done;
    if (common::Clock::now() >= until)
      return complain("nobody else has taken the addresses; this node serves them still"),
             Exit::Refused;
    std::this_thread::sleep_for(kMovePoll);
  }
}

Exit tell_done(const Arguments& arguments, const Said& said) {
  print(arguments.json ? said->text : text_at(said->json, "/done") + '\n');
  return Exit::Done;
}

Exit hand_over(const Arguments& arguments, const AdminClient& client) {
  const auto path =
      arguments.operands.empty()
          ? std::string{"/api/v1/handover"}
          : "/api/v1/routers/" + common::percent_encoded(arguments.operands.front()) + "/handover";
  const auto said = client.ask("POST", path);
  if (const auto exit = trouble(arguments, said); exit != Exit::Done) return exit;
  const auto exit = await_given_away(arguments, client, arguments.operands);
  return exit == Exit::Done ? tell_done(arguments, said) : exit;
}

Exit maintenance(const Arguments& arguments, const AdminClient& client) {
  const auto& word = arguments.operands.front();
  if (word != "on" && word != "off") return complain("maintenance is on or off"), Exit::BadUsage;
  const auto content = json::serialize(json::object{{"on", word == "on"}});
  const auto said = client.ask("PUT", "/api/v1/maintenance", content);
  if (const auto exit = trouble(arguments, said); exit != Exit::Done) return exit;
  const auto exit = word == "on" ? await_given_away(arguments, client, {}) : Exit::Done;
  return exit == Exit::Done ? tell_done(arguments, said) : exit;
}

Exit check(const Arguments& arguments) {
  const auto file =
      arguments.operands.empty() ? "/etc/mainstay/vrrpd.yaml" : arguments.operands.front();
  const auto options = config::load(file);
  const auto faults = options ? std::vector<common::ConfigError>{} : options.error();
  if (!arguments.json)
    for (const auto& error : faults) std::fprintf(stderr, "%s\n", error.to_string().c_str());
  if (arguments.json)
    print(json::serialize(
              json::object{{"right", faults.empty()}, {"faults", common::faults_json(faults)}}) +
          '\n');
  else if (options)
    print(file + " is right\n");
  return options ? Exit::Done : Exit::Refused;
}

Exit import_file(const Arguments& arguments) {
  if (arguments.operands[0] != "keepalived")
    return complain("only keepalived can be imported"), Exit::BadUsage;
  const auto imported = import::import_keepalived(arguments.operands[1]);
  if (!imported) return complain(imported.error()), Exit::Refused;
  print(imported->yaml);
  std::fputs(imported->report.c_str(), stderr);
  const auto loaded = config::load_text(imported->yaml, "vrrpd.yaml");
  if (!loaded) common::print_errors(loaded.error());
  return loaded ? Exit::Done : Exit::Refused;
}

Exit help(const Arguments& arguments) {
  if (arguments.operands.empty()) return print(usage()), Exit::Done;
  const auto* const command = find_command(arguments.operands.front());
  if (command == nullptr)
    return complain("there is no command " + arguments.operands.front()), Exit::BadUsage;
  return print(help_of(*command)), Exit::Done;
}

Exit complete(const Arguments& arguments) {
  const auto script = completion(arguments.operands.front());
  if (!script) return complain("bash, zsh or fish?"), Exit::BadUsage;
  return print(*script), Exit::Done;
}

}  // namespace

Exit run(const Arguments& arguments) {
  if (arguments.verb == Verb::Help) return help(arguments);
  if (arguments.verb == Verb::Check) return check(arguments);
  if (arguments.verb == Verb::Import) return import_file(arguments);
  if (arguments.verb == Verb::Completion) return complete(arguments);
  if (arguments.verb == Verb::Version)
    return print(std::string{"vrrpctl "} + common::kVersion + '\n'), Exit::Done;
  const auto token = find_token(arguments);
  if (!token) return complain("the token's file holds none that can be read"), Exit::BadUsage;
  const AdminClient client{{"vrrpctl", kPort}, find_address(arguments), *token};
  switch (arguments.verb) {
    case Verb::Watch:
      watch(arguments, client);
    case Verb::Explain:
      return explain_routers(arguments, client);
    case Verb::Handover:
      return hand_over(arguments, client);
    case Verb::Drill:
      return drill(arguments, client);
    case Verb::Maintenance:
      return maintenance(arguments, client);
    default:
      return status(arguments, client);
  }
}

}  // namespace vrrp::ctl
