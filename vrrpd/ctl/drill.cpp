#include "vrrpd/ctl/drill.hpp"

#include "common/terminal_text.hpp"
#include "vrrpd/ctl/render.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace vrrp::ctl {

using boost::json::value;
using common::array_at;
using common::flag_at;
using common::number_at;
using common::text_at;

namespace {

/// A peer that was silent for so many of its intervals is about to be replaced.
constexpr double kSilentIntervals = 3;
/// A look at the status is no measurement: it may come late by so much.
constexpr double kLateLookMs = 50;

std::uint64_t count_at(const value& router, std::string_view pointer) {
  return static_cast<std::uint64_t>(number_at(router, pointer));
}

std::uint64_t failures_of(const value& router) {
  return count_at(router, "/failures") + count_at(router, "/addresses_refused") +
         count_at(router, "/routes_refused");
}

void add_once(std::vector<std::string>& faults, const std::string& fault) {
  if (std::ranges::find(faults, fault) == faults.end()) faults.push_back(fault);
}

std::optional<std::string> refusal_of(const value& router) {
  const auto name = name_of(router);
  if (flag_at(router, "/in_maintenance"))
    return name + " is in maintenance: `vrrpctl maintenance off` first";
  if (text_at(router, "/state") != "active")
    return name + " is not Active here; drill on the node that is";
  if (flag_at(router, "/both_active"))
    return name + ": another router says that it is Active, too; `vrrpctl explain`";
  if (flag_at(router, "/planned_move/under_way")) return name + " is being moved just now";
  if (flag_at(router, "/planned_move/holding"))
    return name + " still serves connections of an earlier move; try again when they have ended";
  if (text_at(router, "/planned_move/successor").empty())
    return name +
           " knows nobody that could take over: no fit Backup shares a secret with this node "
           "(handover.key_file)";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> drill_refusal(const value& status,
                                         const std::vector<std::string>& operands) {
  bool any = false;
  for (const auto& router : array_at(status, "/routers")) {
    if (!is_meant(router, operands)) continue;
    // Without a name those are meant that are Active here; of a group any stands for all.
    if (operands.empty() && text_at(router, "/state") != "active") continue;
    any = true;
    if (auto why = refusal_of(router)) return why;
  }
  if (any) return std::nullopt;
  return operands.empty() ? "no router is Active here; drill on the node that is"
                          : "there is no such router here";
}

Drill::Drill(const value& before)
    : router_{name_of(before)},
      group_{text_at(before, "/group")},
      successor_{text_at(before, "/planned_move/successor")},
      heard_before_{count_at(before, "/advertisements_received")},
      failures_before_{failures_of(before)},
      announced_before_{count_at(before, "/announcements_sent")} {}

void Drill::look(const value& router) {
  if (failures_of(router) > failures_before_)
    add_once(faults_, "the kernel refused something; the log says what");
  if (flag_at(router, "/both_active")) add_once(faults_, "both nodes said that they are Active");
}

void Drill::on_away(const value& router) {
  look(router);
  was_away_ = true;
  took_ms_ = number_at(router, "/planned_move/last_took_ms");
  heard_away_ = count_at(router, "/advertisements_received") - heard_before_;
  connections_ = std::max(connections_, count_at(router, "/planned_move/connections_held"));
  interval_ms_ = number_at(router, "/active_advertisement_interval_ms");
  const auto silence = number_at(router, "/last_peer/heard_ms_ago");
  longest_silence_ms_ = std::max(longest_silence_ms_, silence);
  if (silence > kSilentIntervals * interval_ms_ + kLateLookMs)
    add_once(faults_, "the successor was silent for three intervals");
  if (text_at(router, "/state") == "active")
    add_once(faults_, "the addresses came back by themselves: the successor gave them up");
  else if (const auto heard = text_at(router, "/last_peer/address"); heard != successor_)
    add_once(faults_, "not " + successor_ + " but " + heard + " advertises");
}

void Drill::on_back(const value& router, Milliseconds took) {
  look(router);
  back_took_ = took;
  announced_back_ = count_at(router, "/announcements_sent") - announced_before_;
}

std::string Drill::text() const {
  auto out = fmt::format("{}{}: {}\n", router_, group_.empty() ? "" : " and its group " + group_,
                         passed() ? "passed" : "FAILED");
  if (was_away_) {
    out += fmt::format("  handed over to {} in {:.1f} ms\n", successor_, took_ms_);
    out += fmt::format(
        "  {} advertisements of it were heard, the longest silence seen was {:.0f} ms (interval "
        "{:.0f} ms)\n",
        heard_away_, longest_silence_ms_, interval_ms_);
    out += fmt::format("  {} connections were served here to their end\n", connections_);
  }
  if (was_away_ && back_took_)
    out += fmt::format("  taken back within {} ms, announced with {} frames\n", back_took_->count(),
                       announced_back_);
  for (const auto& fault : faults_) out += "  FAULT: " + fault + '\n';
  return out;
}

boost::json::object Drill::json() const {
  boost::json::array faults;
  for (const auto& fault : faults_) faults.emplace_back(fault);
  return {{"router", router_},
          {"group", group_.empty() ? value{} : value{group_}},
          {"passed", passed()},
          {"successor", successor_},
          {"handed_over_ms", took_ms_},
          {"advertisements_heard", heard_away_},
          {"longest_silence_ms", longest_silence_ms_},
          {"interval_ms", interval_ms_},
          {"connections_held", connections_},
          {"taken_back_ms", back_took_ ? value{back_took_->count()} : value{}},
          {"announcements_back", announced_back_},
          {"faults", std::move(faults)}};
}

}  // namespace vrrp::ctl
