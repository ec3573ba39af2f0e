#include "lb/ctl/run.hpp"

#include "common/admin_client.hpp"
#include "common/admin_routes.hpp"
#include "common/build_info.hpp"
#include "common/command_line.hpp"
#include "common/faults_json.hpp"
#include "common/time.hpp"
#include "lb/config/load.hpp"
#include "lb/ctl/render.hpp"
#include "lb/ctl/top.hpp"
#include "lb/import/nginx.hpp"
#include "lb/tls/ticket_keys.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace lb::ctl {
namespace {

using common::array_at;
using common::number_at;
using common::Paint;
using common::render_problem;
using common::render_table;
using common::text_at;

namespace json = boost::json;

constexpr auto kDrainPoll = std::chrono::milliseconds{200};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void complain(const std::string& text) { std::fprintf(stderr, "lbctl: %s\n", text.c_str()); }

Paint paint() { return {::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr}; }

bool is_there(const char* path) { return ::access(path, F_OK) == 0; }

/// Where lbd is to be found, when nobody said.
std::string find_address(const Arguments& arguments) {
  constexpr const char* kSocket = "/run/lbd/admin.sock";
  if (!arguments.address.empty()) return arguments.address;
  const char* const named = std::getenv("LBCTL_URL");
  if (named != nullptr && *named != '\0')
    return std::string{named}.find(':') == std::string::npos ? "unix:" + std::string{named} : named;
  return is_there(kSocket) ? std::string{"unix:"} + kSocket : "http://127.0.0.1:9101";
}

/// The first line of the token's file. Without one lbd will say what is needed.
std::optional<std::string> find_token(const Arguments& arguments) {
  std::string file = arguments.token_file;
  const char* const named = std::getenv("LBCTL_TOKEN_FILE");
  if (file.empty() && named != nullptr) file = named;
  const bool wanted = !file.empty();
  if (!wanted) file = "/etc/mainstay/lbd.token";
  std::ifstream in{file};
  std::string token;
  std::getline(in, token);
  if (token.ends_with('\r')) token.pop_back();
  if (wanted && token.empty()) return std::nullopt;
  return token;
}

std::string or_environment(const std::string& given, const char* name) {
  const char* const named = std::getenv(name);
  return given.empty() && named != nullptr ? named : given;
}

common::AdminTrust find_trust(const Arguments& arguments) {
  return {.ca_file = or_environment(arguments.ca_file, "LBCTL_CA_FILE"),
          .certificate_file = or_environment(arguments.certificate_file, "LBCTL_CERTIFICATE"),
          .key_file = or_environment(arguments.key_file, "LBCTL_KEY")};
}

/// Prints what lbd said and gives what to leave with.
Exit told(const Arguments& arguments, const common::Result<common::AdminReply, std::string>& said,
          const std::function<std::string(const json::value&)>& render) {
  if (!said) {
    complain(said.error());
    return Exit::Unreachable;
  }
  if (said->ok()) {
    print(arguments.json ? said->text : render(said->json));
    return Exit::Done;
  }
  if (arguments.json) print(said->text);
  auto problem = render_problem(said->json, {});
  if (problem.empty()) problem = "status " + std::to_string(said->status) + '\n';
  problem.pop_back();
  if (!arguments.json) complain(problem);
  const bool forbidden = said->status == 401 || said->status == 403;
  return forbidden ? Exit::Forbidden : Exit::Refused;
}

std::string done(const json::value& reply) { return text_at(reply, "/done") + '\n'; }

struct Place {
  std::string upstream;
  std::string endpoint;
  std::string path() const {
    return "/api/v1/upstreams/" + common::percent_encoded(upstream) + "/endpoints/" +
           common::percent_encoded(endpoint);
  }
};

/// The one endpoint that `words` mean: `UPSTREAM ENDPOINT`, `UPSTREAM/ENDPOINT`, or a name or
/// address that only one upstream has.
common::Result<Place, std::string> find_place(const json::value& upstreams,
                                              const std::vector<std::string>& words) {
  std::vector<Place> found;
  for (const auto& upstream : array_at(upstreams, "")) {
    const auto name = text_at(upstream, "/name");
    for (const auto& endpoint : array_at(upstream, "/endpoints"))
      for (const auto& called : {text_at(endpoint, "/name"), text_at(endpoint, "/address")}) {
        const bool meant = words.size() == 2
                               ? words[0] == name && words[1] == called
                               : words[0] == called || words[0] == name + '/' + called;
        if (!meant) continue;
        found.push_back({name, text_at(endpoint, "/name")});
        break;
      }
  }
  const auto asked = words.size() == 2 ? words[0] + '/' + words[1] : words[0];
  if (found.empty()) return {boost::system::in_place_error, "there is no endpoint " + asked};
  if (found.size() == 1) return found.front();
  std::string which = asked + " is in several upstreams:";
  for (const auto& place : found) which += ' ' + place.upstream + '/' + place.endpoint;
  return {boost::system::in_place_error, which};
}

Exit await_idle(const common::AdminClient& client, const Place& place, std::chrono::seconds most) {
  const auto until = common::Clock::now() + most;
  for (;;) {
    const auto said = client.ask("GET", place.path());
    if (!said) return complain(said.error()), Exit::Unreachable;
    if (said->status == 404) return Exit::Done;
    const auto running = number_at(said->json, "/in_flight");
    if (said->ok() && running == 0) return Exit::Done;
    if (common::Clock::now() >= until) {
      complain(std::to_string(static_cast<long>(running)) + " still in flight at " +
               place.endpoint);
      return Exit::Refused;
    }
    std::this_thread::sleep_for(kDrainPoll);
  }
}

/// Commands about one endpoint.
Exit steer(const Arguments& arguments, const common::AdminClient& client) {
  auto words = arguments.operands;
  std::string content;
  if (arguments.verb == Verb::Weight) {
    if (words.back().empty() || words.back().find_first_not_of("0123456789") != std::string::npos ||
        words.back().size() > 5)
      return complain("WEIGHT is a number from 0 to 10000"), Exit::BadUsage;
    content = json::serialize(json::object{{"weight", std::stol(words.back())}});
    words.pop_back();
  }
  const auto upstreams = client.ask("GET", "/api/v1/upstreams");
  if (!upstreams || !upstreams->ok()) return told(arguments, upstreams, done);
  const auto place = find_place(upstreams->json, words);
  if (!place) return complain(place.error()), Exit::Refused;
  const bool removes = arguments.verb == Verb::Remove;
  const bool weighs = arguments.verb == Verb::Weight;
  const std::string end = removes                           ? ""
                          : weighs                          ? "/weight"
                          : arguments.verb == Verb::Undrain ? "/undrain"
                                                            : "/drain";
  const auto* const method = removes ? "DELETE" : weighs ? "PUT" : "POST";
  const auto exit = told(arguments, client.ask(method, place->path() + end, content), done);
  if (exit != Exit::Done || !arguments.wait) return exit;
  return await_idle(client, *place, *arguments.wait);
}

Exit add(const Arguments& arguments, const common::AdminClient& client) {
  json::object content{{"address", arguments.operands[1]}};
  if (!arguments.name.empty()) content["name"] = arguments.name;
  if (arguments.weight) content["weight"] = *arguments.weight;
  if (arguments.tier) content["tier"] = *arguments.tier;
  if (arguments.max_connections) content["max_connections"] = *arguments.max_connections;
  if (arguments.backup) content["backup"] = true;
  const auto path =
      "/api/v1/upstreams/" + common::percent_encoded(arguments.operands[0]) + "/endpoints";
  return told(arguments, client.ask("POST", path, json::serialize(content)), done);
}

Exit show_upstreams(const Arguments& arguments, const common::AdminClient& client) {
  const bool all = arguments.operands.empty();
  const auto path = all ? "" : '/' + common::percent_encoded(arguments.operands.front());
  return told(arguments, client.ask("GET", "/api/v1/upstreams" + path),
              [&](const json::value& said) {
                const json::value list = all ? said : json::array{said};
                if (!arguments.names) return render_upstreams(list, paint());
                std::string names;
                for (const auto& upstream : list.get_array())
                  for (const auto& endpoint : array_at(upstream, "/endpoints"))
                    names += text_at(upstream, "/name") + '/' + text_at(endpoint, "/name") + '\n';
                return names;
              });
}

Exit check(const Arguments& arguments) {
  const auto file = arguments.operands.empty() ? arguments.config : arguments.operands.front();
  const auto loaded = config::load_file(file);
  if (!arguments.json)
    for (const auto& error : loaded.errors) std::fprintf(stderr, "%s\n", error.to_string().c_str());
  if (arguments.json)
    print(json::serialize(json::object{{"right", loaded.errors.empty()},
                                       {"faults", common::faults_json(loaded.errors)}}) +
          '\n');
  else if (loaded.errors.empty()) {
    common::print_warnings(loaded.warnings);
    print(file + " is right\n");
  }
  return loaded.errors.empty() ? Exit::Done : Exit::Refused;
}

Exit settings(const Arguments& arguments) {
  const auto file = arguments.operands.empty() ? arguments.config : arguments.operands.front();
  const auto loaded = config::load_file(file);
  json::array list;
  std::vector<std::vector<std::string>> rows{{"KEY", "DEFAULT", "RANGE"}};
  for (const auto& setting : loaded.settings) {
    list.push_back(json::object{
        {"path", setting.path}, {"default", setting.fallback}, {"range", setting.range}});
    rows.push_back({setting.path, setting.fallback, setting.range});
  }
  print(arguments.json ? json::serialize(list) + '\n' : render_table(rows, ""));
  if (!loaded.errors.empty()) common::print_errors(loaded.errors);
  return loaded.errors.empty() ? Exit::Done : Exit::Refused;
}

Exit import_file(const Arguments& arguments) {
  if (arguments.operands[0] != "nginx")
    return complain("only nginx can be imported"), Exit::BadUsage;
  const auto imported = import::import_nginx(arguments.operands[1]);
  if (!imported) return complain(imported.error()), Exit::Refused;
  print(imported->yaml);
  std::fputs(imported->report.c_str(), stderr);
  const auto loaded = config::load_text(imported->yaml, "lbd.yaml");
  if (!loaded.errors.empty()) common::print_errors(loaded.errors);
  return loaded.errors.empty() ? Exit::Done : Exit::Refused;
}

/// Written whole under another name first: who reads it gets the old or the new.
Exit renew_ticket_keys(const std::string& path) {
  constexpr std::size_t kKept = 3;
  tls::TicketKeyList keys;
  if (is_there(path.c_str())) {
    tls::Faults faults;
    keys = tls::read_ticket_keys(path, faults);
    if (tls::is_fatal(faults)) return complain(faults.front().wrong), Exit::Refused;
  } else {
    keys.push_back(tls::random_ticket_key());  // stands for the one before
  }
  const auto text = tls::ticket_keys_text(tls::rotated(std::move(keys), kKept));
  const auto next = path + ".new";
  constexpr mode_t kOwnerAndGroup = 0640;
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerAndGroup);
  struct stat old {};
  if (file >= 0 && ::stat(path.c_str(), &old) == 0 &&
      (::fchown(file, old.st_uid, old.st_gid) != 0 || ::fchmod(file, old.st_mode & 0770U) != 0))
    complain(path + ": its owner cannot be kept");
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!written || std::rename(next.c_str(), path.c_str()) != 0)
    return complain(path + ": " + std::strerror(errno)), Exit::Refused;
  print(path + " holds a new key\n");
  return Exit::Done;
}

Exit help(const Arguments& arguments) {
  if (arguments.operands.empty()) return print(usage()), Exit::Done;
  const auto* const command = find_command(arguments.operands.front());
  if (command == nullptr)
    return complain("there is no command " + arguments.operands.front()), Exit::BadUsage;
  return print(help_of(*command)), Exit::Done;
}

}  // namespace

Exit run(const Arguments& arguments) {
  switch (arguments.verb) {
    case Verb::Help:
      return help(arguments);
    case Verb::Version:
      return print(std::string{"lbctl "} + common::kVersion + '\n'), Exit::Done;
    case Verb::Check:
      return check(arguments);
    case Verb::Settings:
      return settings(arguments);
    case Verb::Import:
      return import_file(arguments);
    case Verb::TicketKeys:
      return renew_ticket_keys(arguments.operands.front());
    case Verb::Completion: {
      const auto script = completion(arguments.operands.front());
      if (!script) return complain("bash, zsh or fish?"), Exit::BadUsage;
      return print(*script), Exit::Done;
    }
    default:
      break;
  }
  const auto token = find_token(arguments);
  if (!token) return complain("the token's file holds none that can be read"), Exit::BadUsage;
  const common::AdminClient client{{"lbctl", 9101},
                                   find_address(arguments),
                                   *token,
                                   common::AdminClient::kAnswerLimit,
                                   find_trust(arguments)};
  const auto get = [&](const char* what, auto render) {
    return told(arguments, client.ask("GET", std::string{"/api/v1/"} + what), render);
  };
  switch (arguments.verb) {
    case Verb::Status:
      return get("status", [](const json::value& said) { return render_status(said, paint()); });
    case Verb::Certificates:
      return get("certificates",
                 [](const json::value& said) { return render_certificates(said, paint()); });
    case Verb::Errors:
      return get("errors", [](const json::value& said) {
        return render_errors(said, paint(), said.as_array().size());
      });
    case Verb::Sessions: {
      const auto path = "sessions?most=" + std::to_string(arguments.most.value_or(100));
      return get(path.c_str(),
                 [](const json::value& said) { return render_sessions(said, paint()); });
    }
    case Verb::Top:
      return run_top(client, arguments.interval);
    case Verb::Upstreams:
      return show_upstreams(arguments, client);
    case Verb::Add:
      return add(arguments, client);
    case Verb::Reload:
      return told(arguments, client.ask("POST", "/api/v1/reload"), done);
    case Verb::LogLevel: {
      const auto content = json::serialize(json::object{{"level", arguments.operands.front()}});
      return told(arguments, client.ask("PUT", "/api/v1/log-level", content), done);
    }
    default:
      return steer(arguments, client);
  }
}

}  // namespace lb::ctl
