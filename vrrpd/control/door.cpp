#include "vrrpd/control/door.hpp"

#include "common/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>

namespace vrrp::control {
namespace {

namespace json = boost::json;
using common::AdminAnswer;
using common::AdminRequest;

constexpr common::Log kLog{"vrrp.control"};
constexpr auto kEventInterval = std::chrono::seconds{1};

AdminAnswer json_answer(const json::value& value) {
  return {.content_type = "application/json", .body = json::serialize(value) + '\n'};
}

AdminAnswer problem(const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::NotFound:
      return common::admin_problem(404, "not_found", refusal.detail);
    case Refusal::Kind::Conflict:
      return common::admin_problem(409, "conflict", refusal.detail);
    case Refusal::Kind::Failed:
      break;
  }
  return common::admin_problem(500, "failed", refusal.detail);
}

/// Tells the log who did what, and the operator what came of it.
AdminAnswer carried_out(const AdminRequest& request, std::string_view command,
                        const Outcome& outcome) {
  if (outcome) {
    kLog.info("operator's command carried out",
              {{"command", command}, {"peer", request.peer}, {"result", *outcome}});
    return json_answer(json::object{{"done", *outcome}});
  }
  kLog.warn("operator's command refused",
            {{"command", command}, {"peer", request.peer}, {"reason", outcome.error().detail}});
  return problem(outcome.error());
}

/// `{"on": true}`
std::optional<bool> read_switch(std::string_view content) {
  boost::system::error_code error;
  const auto value = json::parse({content.data(), content.size()}, error);
  const auto* const object = error ? nullptr : value.if_object();
  const auto* const on =
      object != nullptr && object->size() == 1 ? object->if_contains("on") : nullptr;
  if (on == nullptr || !on->is_bool()) return std::nullopt;
  return on->get_bool();
}

AdminAnswer no_such_name() {
  return common::admin_problem(400, "bad_value",
                               "A router is named VRID or INTERFACE/VRID, such as eth0/51.");
}

AdminAnswer hand_over(Control& control, const AdminRequest& request) {
  std::optional<RouterName> router;
  if (!request.parameters.empty()) {
    router = RouterName::parse(request.parameters[0]);
    if (!router) return no_such_name();
  }
  return carried_out(request, "handover", control.hand_over(router));
}

AdminAnswer take_back(Control& control, const AdminRequest& request) {
  const auto router = RouterName::parse(request.parameters[0]);
  if (!router) return no_such_name();
  return carried_out(request, "take back", control.take_back(*router));
}

}  // namespace

std::optional<RouterName> RouterName::parse(std::string_view text) {
  RouterName name;
  if (const auto slash = text.rfind('/'); slash != text.npos) {
    name.interface = text.substr(0, slash);
    text.remove_prefix(slash + 1);
    if (name.interface.empty()) return std::nullopt;
  }
  const auto* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, name.vrid);
  if (error != std::errc{} || last != end || name.vrid == 0) return std::nullopt;
  return name;
}

void open_door(common::AdminServer& server, Control& control) {
  server.route("GET", "/api/v1/status",
               [&control](const AdminRequest&) { return json_answer(control.status()); });
  server.stream("/api/v1/events", kEventInterval, [&control] {
    return "event: status\ndata: " + json::serialize(control.status()) + "\n\n";
  });
  server.route("POST", "/api/v1/handover",
               [&control](const AdminRequest& request) { return hand_over(control, request); });
  server.route("POST", "/api/v1/routers/{}/handover",
               [&control](const AdminRequest& request) { return hand_over(control, request); });
  server.route("POST", "/api/v1/routers/{}/take-back",
               [&control](const AdminRequest& request) { return take_back(control, request); });
  server.route("PUT", "/api/v1/maintenance", [&control](const AdminRequest& request) {
    const auto on = read_switch(request.body);
    if (!on) return common::admin_problem(400, "bad_value", "The content is {\"on\": true}.");
    return carried_out(request, "maintenance", control.set_maintenance(*on));
  });
}

}  // namespace vrrp::control
