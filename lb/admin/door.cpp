#include "lb/admin/door.hpp"

#include "common/log.hpp"
#include "lb/admin/commands.hpp"
#include "lb/admin/dashboard.hpp"
#include "lb/admin/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace lb::admin {
namespace {

namespace json = boost::json;
constexpr common::Log kLog{"lb.admin"};
constexpr std::size_t kListedSessions = 100;  // when nobody said how many

common::AdminAnswer json_answer(const json::value& value) {
  return {.content_type = "application/json", .body = json::serialize(value) + '\n'};
}

common::AdminAnswer not_found(std::string_view what, const std::string& name) {
  return common::admin_problem(404, "not_found",
                               "There is no " + std::string{what} + " \"" + name + "\".");
}

template <class T>
const T* find_named(const std::vector<T>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&name](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Door::Door(boost::asio::io_context& context, common::AdminServer& server, Control& control,
           bool dashboard)
    : control_{control}, timer_{context} {
  add_status(server);
  add_commands(server);
  if (dashboard) server.route("GET", "/", [](const Request&) { return dashboard_page(); });
  sample();
}

void Door::stop() { timer_.cancel(); }

void Door::sample() {
  rates_.add(control_.totals(), common::Clock::now(), common::wall_now());
  timer_.expires_after(kInterval);
  timer_.async_wait([this](boost::system::error_code aborted) {
    if (!aborted) sample();
  });
}

void Door::add_status(common::AdminServer& server) {
  server.route("GET", "/api/v1/status", [this](const Request&) {
    return json_answer(to_json(control_.status(), rates_.latest(), common::wall_now()));
  });
  server.route("GET", "/api/v1/process", [this](const Request&) {
    return json_answer(to_json(control_.process(), common::wall_now()));
  });
  server.route("GET", "/api/v1/listeners", [this](const Request&) {
    return json_answer(list_json(control_.status().listeners));
  });
  server.route("GET", "/api/v1/certificates",
               [this](const Request&) { return json_answer(list_json(control_.certificates())); });
  server.route("GET", "/api/v1/routes",
               [this](const Request&) { return json_answer(list_json(control_.status().routes)); });
  server.route("GET", "/api/v1/errors",
               [this](const Request&) { return json_answer(list_json(control_.status().errors)); });
  server.route("GET", "/api/v1/sessions", [this](const Request& request) {
    const auto text = common::query_value(request.query, "most");
    std::size_t most = kListedSessions;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
    if (!text.empty() &&
        (error != std::errc{} || end != text.data() + text.size() || most > Sessions::kMostListed))
      return common::admin_problem(
          422, "bad_value",
          "most is a whole number from 0 to " + std::to_string(Sessions::kMostListed) + '.');
    return json_answer(to_json(control_.sessions(most)));
  });
  server.route("GET", "/api/v1/history", [this](const Request&) {
    json::array samples;
    for (const auto& sample : rates_.history()) samples.push_back(to_json(sample));
    return json_answer(samples);
  });
  server.route("GET", "/api/v1/upstreams", [this](const Request&) {
    return json_answer(list_json(control_.status().upstreams));
  });
  server.route("GET", "/api/v1/upstreams/{}", [this](const Request& request) {
    const auto status = control_.status();
    const auto* const upstream = find_named(status.upstreams, request.parameters[0]);
    return upstream != nullptr ? json_answer(to_json(*upstream))
                               : not_found("upstream", request.parameters[0]);
  });
  server.route("GET", "/api/v1/upstreams/{}/endpoints/{}", [this](const Request& request) {
    const auto status = control_.status();
    const auto* const upstream = find_named(status.upstreams, request.parameters[0]);
    if (upstream == nullptr) return not_found("upstream", request.parameters[0]);
    const auto* const endpoint = find_named(upstream->endpoints, request.parameters[1]);
    return endpoint != nullptr ? json_answer(to_json(*endpoint))
                               : not_found("endpoint", request.parameters[1]);
  });
  server.stream("/api/v1/events", kInterval, [this] { return status_event(); });
}

void Door::add_commands(common::AdminServer& server) {
  const std::string endpoint = "/api/v1/upstreams/{}/endpoints/{}";
  add_endpoint_command(server, "POST", endpoint + "/drain", &Control::drain);
  add_endpoint_command(server, "POST", endpoint + "/undrain", &Control::undrain);
  add_endpoint_command(server, "DELETE", endpoint, &Control::remove);
  server.route("PUT", endpoint + "/weight", [this](const Request& request) {
    const auto weight = read_weight(request.body);
    if (!weight) return answer_of(weight.error());
    const auto& names = request.parameters;
    return carried_out(request, "weight", control_.set_weight(names[0], names[1], *weight));
  });
  server.route("POST", "/api/v1/upstreams/{}/endpoints", [this](const Request& request) {
    const auto made = read_new_endpoint(request.body);
    if (!made) return answer_of(made.error());
    auto answer = carried_out(request, "add", control_.add(request.parameters[0], *made));
    if (answer.status == 200) answer.status = 201;
    return answer;
  });
  server.route("POST", "/api/v1/reload", [this](const Request& request) {
    return carried_out(request, "reload", control_.reload());
  });
  server.route("PUT", "/api/v1/offer-close", [this](const Request& request) {
    const auto how_long = read_offer_close(request.body);
    if (!how_long) return answer_of(how_long.error());
    return carried_out(request, "offer-close", control_.offer_close(*how_long));
  });
  server.route("PUT", "/api/v1/log-level", [this](const Request& request) {
    const auto level = read_log_level(request.body);
    if (!level) return answer_of(level.error());
    return carried_out(request, "log-level", control_.set_log_level(*level));
  });
}

void Door::add_endpoint_command(common::AdminServer& server, std::string method, std::string path,
                                Endpoint command) {
  const auto slash = path.rfind('/');
  const auto name = method == "DELETE" ? std::string{"remove"} : path.substr(slash + 1);
  server.route(std::move(method), path, [this, name, command](const Request& request) {
    const auto& names = request.parameters;
    return carried_out(request, name, (control_.*command)(names[0], names[1]));
  });
}

std::string Door::status_event() const {
  const auto status = to_json(control_.status(), rates_.latest(), common::wall_now());
  return "event: status\ndata: " + json::serialize(status) + "\n\n";
}

common::AdminAnswer Door::carried_out(const Request& request, std::string_view command,
                                      const CommandResult& result) {
  std::string on;
  for (const auto& name : request.parameters) on += (on.empty() ? "" : "/") + name;
  if (result)
    kLog.info("operator's command carried out",
              {{"command", command}, {"on", on}, {"peer", request.peer}, {"result", *result}});
  else
    kLog.warn("operator's command refused", {{"command", command},
                                             {"on", on},
                                             {"peer", request.peer},
                                             {"reason", result.error().detail}});
  return answer_of(result);
}

}  // namespace lb::admin
