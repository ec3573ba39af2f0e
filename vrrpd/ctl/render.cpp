#include "vrrpd/ctl/render.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::ctl {

using boost::json::value;
using common::array_at;
using common::flag_at;
using common::joined;
using common::number_at;
using common::Paint;
using common::text_at;

namespace {

std::string state_of(const value& router, const Paint& paint) {
  const auto state = text_at(router, "/state");
  if (state == "active") return paint.good(state);
  return flag_at(router, "/fit") ? state : paint.bad(state);
}

std::string remarks(const value& router) {
  std::vector<std::string> parts;
  if (flag_at(router, "/both_active")) parts.emplace_back("both Active");
  if (flag_at(router, "/by_word")) parts.emplace_back("advertisements do not arrive");
  if (flag_at(router, "/in_maintenance")) parts.emplace_back("maintenance");
  if (!flag_at(router, "/usable")) parts.emplace_back("interface not usable");
  for (const auto& track : array_at(router, "/tracks"))
    if (!flag_at(track, "/up")) parts.push_back(text_at(track, "/name") + " down");
  if (flag_at(router, "/holding")) parts.emplace_back("resigned, still serving");
  if (flag_at(router, "/gave_away")) parts.emplace_back("gave away");
  if (!flag_at(router, "/lease")) parts.emplace_back("no lease");
  return joined(parts, ", ");
}

std::string peer_of(const value& router) {
  const auto address = text_at(router, "/last_peer/address");
  if (address.empty()) return "-";
  return fmt::format("{} prio {}, {:.1f} s ago", address, number_at(router, "/last_peer/priority"),
                     number_at(router, "/last_peer/heard_ms_ago") / 1000);
}

}  // namespace

std::string name_of(const value& router) {
  return fmt::format("{}/{}", text_at(router, "/interface"), number_at(router, "/vrid"));
}

bool is_meant(const value& router, const std::vector<std::string>& operands) {
  if (operands.empty()) return true;
  const auto name = name_of(router);
  return operands.front() == name || name.ends_with('/' + operands.front());
}

std::string digest_of(const value& router) {
  return joined(
      {name_of(router), text_at(router, "/state"),
       fmt::format("priority {}", number_at(router, "/priority/effective")), remarks(router)},
      "  ");
}

bool is_well(const value& status) {
  return std::ranges::all_of(array_at(status, "/routers"), [](const value& router) {
    return flag_at(router, "/fit") && flag_at(router, "/usable") &&
           !flag_at(router, "/both_active") && !flag_at(router, "/by_word");
  });
}

std::string render_status(const value& status, const Paint& paint) {
  auto out = paint.bold("vrrpd " + text_at(status, "/process/version")) +
             fmt::format(" · pid {}", number_at(status, "/process/pid"));
  if (flag_at(status, "/maintenance/on"))
    out += " · " + paint.warn(flag_at(status, "/maintenance/survives_restart")
                                  ? "maintenance, also after a restart"
                                  : "maintenance until the process ends");
  out += "\n\n";
  std::vector<std::vector<std::string>> rows{
      {"ROUTER", "STATE", "PRIORITY", "ADDRESSES", "LAST PEER", "REMARKS"}};
  for (auto& title : rows.front()) title = paint.dim(title);
  for (const auto& router : array_at(status, "/routers")) {
    std::vector<std::string> addresses;
    for (const auto& address : array_at(router, "/addresses"))
      addresses.push_back(text_at(address, ""));
    const auto base = number_at(router, "/priority/base");
    const auto effective = number_at(router, "/priority/effective");
    rows.push_back({name_of(router), state_of(router, paint),
                    base == effective ? fmt::format("{}", base)
                                      : paint.warn(fmt::format("{} of {}", effective, base)),
                    joined(addresses, " "), peer_of(router), paint.warn(remarks(router))});
  }
  return out + common::render_table(rows, "");
}

}  // namespace vrrp::ctl
