#include "vrrpd/ctl/run_drill.hpp"

#include "common/admin_routes.hpp"
#include "common/terminal_text.hpp"
#include "common/time.hpp"
#include "vrrpd/ctl/client.hpp"
#include "vrrpd/ctl/drill.hpp"
#include "vrrpd/ctl/render.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

namespace vrrp::ctl {
namespace {

namespace json = boost::json;
using common::AdminClient;
using common::array_at;
using common::Clock;
using common::flag_at;
using common::text_at;

constexpr auto kLook = std::chrono::milliseconds{20};
/// A question that got lost is asked again.
constexpr auto kAskAgain = std::chrono::milliseconds{500};

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

/// One election of the drill: a router, or the first of a group, which stands for all.
struct Part {
  std::string router;
  Drill drill;
  bool away{false};
  bool back{false};
};
using Parts = std::vector<Part>;

Parts parts_of(const json::value& status, const std::vector<std::string>& operands) {
  Parts parts;
  std::vector<std::string> groups;
  for (const auto& router : array_at(status, "/routers")) {
    if (!is_meant(router, operands) || text_at(router, "/state") != "active") continue;
    const auto group = text_at(router, "/group");
    if (!group.empty() && std::ranges::find(groups, group) != groups.end()) continue;
    groups.push_back(group);
    parts.push_back({name_of(router), Drill{router}});
  }
  return parts;
}

const json::value* find(const json::value& status, const Part& part) {
  const auto& routers = array_at(status, "/routers");
  const auto* const found = std::ranges::find(routers, part.router, &name_of);
  return found == routers.end() ? nullptr : found;
}

std::string path_of(const Part& part, const char* command) {
  return "/api/v1/routers/" + common::percent_encoded(part.router) + '/' + command;
}

template <class Condition>
bool all(const Parts& parts, Condition condition) {
  return std::ranges::all_of(parts, condition);
}

/// Until a successor serves, heard by this node. False when none does in time.
bool await_away(const AdminClient& client, Parts& parts, std::chrono::milliseconds wait) {
  for (const auto until = Clock::now() + wait; Clock::now() < until;) {
    if (const auto said = ask_status(client))
      for (auto& part : parts) {
        const auto* const router = find(said->json, part);
        part.away = router != nullptr && text_at(*router, "/state") == "backup" &&
                    !flag_at(*router, "/holding");
        if (part.away) part.drill.on_away(*router);
      }
    if (all(parts, &Part::away)) return true;
    std::this_thread::sleep_for(kLook);
  }
  return false;
}

void stay(const AdminClient& client, Parts& parts, std::chrono::milliseconds length) {
  const auto until = Clock::now() + length;
  for (bool over = false; !over;) {
    std::this_thread::sleep_for(kLook);
    over = Clock::now() >= until || interrupted != 0;  // and one more look
    const auto said = ask_status(client);
    if (!said) continue;
    for (auto& part : parts)
      if (const auto* const router = find(said->json, part)) part.drill.on_away(*router);
  }
}

void take_back(const AdminClient& client, Parts& parts, std::chrono::milliseconds wait) {
  const auto began = Clock::now();
  auto ask_at = began;
  while (Clock::now() < began + wait) {
    if (Clock::now() >= ask_at) {
      for (const auto& part : parts)
        if (!part.back) client.ask("POST", path_of(part, "take-back"));
      ask_at = Clock::now() + kAskAgain;
    }
    if (const auto said = ask_status(client))
      for (auto& part : parts) {
        const auto* const router = find(said->json, part);
        if (part.back || router == nullptr || text_at(*router, "/state") != "active") continue;
        part.back = true;
        part.drill.on_back(
            *router, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began));
      }
    if (all(parts, &Part::back)) return;
    std::this_thread::sleep_for(kLook);
  }
}

Exit report(const Arguments& arguments, const Parts& parts) {
  json::array all_parts;
  for (const auto& part : parts) {
    if (!arguments.json) print(part.drill.text());
    all_parts.push_back(part.drill.json());
  }
  if (arguments.json) print(json::serialize(all_parts) + '\n');
  const bool passed = all(parts, [](const Part& part) { return part.drill.passed(); });
  return passed ? Exit::Done : Exit::Refused;
}

}  // namespace

Exit drill(const Arguments& arguments, const AdminClient& client) {
  const auto before = ask_status(client);
  if (const auto exit = trouble(arguments, before); exit != Exit::Done) return exit;
  if (const auto why = drill_refusal(before->json, arguments.operands))
    return complain("no drill: " + *why), Exit::Refused;
  // From here on the addresses may be elsewhere: whoever ends us is to find them here again.
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  auto refused = Exit::Done;
  Parts parts;
  for (auto& part : parts_of(before->json, arguments.operands)) {
    const auto begun = trouble(arguments, client.ask("POST", path_of(part, "handover")));
    if (begun == Exit::Done)
      parts.push_back(std::move(part));
    else
      refused = begun;
  }
  if (parts.empty()) return refused;
  if (await_away(client, parts, arguments.wait)) stay(client, parts, arguments.stay);
  for (auto& part : parts)
    if (!part.away)
      part.drill.on_failure("nobody has taken the addresses: served here all the time");
  take_back(client, parts, arguments.wait);
  for (auto& part : parts)
    if (!part.back)
      part.drill.on_failure("they did not come back: `vrrpctl handover` on the node that has them");
  const auto reported = report(arguments, parts);
  return refused == Exit::Done ? reported : refused;
}

}  // namespace vrrp::ctl
