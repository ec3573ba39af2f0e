#include "vrrpd/import/site.hpp"

#include <algorithm>
#include <cstdlib>

namespace vrrp::import {
namespace {

constexpr int kLongestMs = 3'600'000;

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// A process by its name; `killall -0 NAME` and `pidof NAME` ask for nothing else.
std::optional<std::string> process_in(const std::vector<std::string>& words) {
  if (words.size() < 2) return std::nullopt;
  const auto program = last_part(words[0]);
  const bool by_signal = program == "killall" && words[1] == "-0" && words.size() == 3;
  const bool by_name = program == "pidof" && words.size() == 2;
  if (!by_signal && !by_name) return std::nullopt;
  const auto name = last_part(words.back());
  return name.empty() || name.starts_with('-') ? std::nullopt : std::optional{name};
}

/// `</dev/tcp/127.0.0.1/80`: bash and keepalived open a connection.
std::optional<std::string> address_in(const std::string& script) {
  constexpr std::string_view kPrefix = "</dev/tcp/";
  if (!script.starts_with(kPrefix)) return std::nullopt;
  const auto slash = script.rfind('/');
  if (slash < kPrefix.size()) return std::nullopt;
  const auto ip = common::IpAddress::parse(script.substr(kPrefix.size(), slash - kPrefix.size()));
  const auto port = number_of(script.substr(slash + 1), 1, 65535);
  if (!ip || !port) return std::nullopt;
  return common::SocketAddress{*ip, static_cast<std::uint16_t>(*port)}.to_string();
}

void import_script(const Directive& directive, Check& check, Site& site) {
  const auto whole = directive.argument(0);
  const auto words = directive.arguments.size() == 1 ? split(whole) : directive.arguments;
  if (const auto name = process_in(words)) {
    check.keys.emplace_back("process", quoted(*name));
    return site.notes.became(directive, check.became = "a track of the process, told at once");
  }
  if (const auto address = address_in(whole)) {
    check.keys.emplace_back("tcp", quoted(*address));
    return site.notes.became(directive, check.became = "a track of the port");
  }
  std::string why;
  const auto run = command_of(directive.arguments, why);
  if (!run) return site.notes.left_out(directive, why);
  check.keys.emplace_back("script", *run);
  site.notes.became(directive, check.became = "a track by the program, run without privileges");
}

void import_time(const Directive& directive, const char* key, Check& check, Site& site) {
  const auto time = time_of(directive.argument(0), 10, kLongestMs);
  if (!time) return site.notes.left_out(directive, "vrrpd takes 10 ms to an hour");
  std::erase_if(check.keys, [key](const auto& one) { return one.first == key; });
  check.keys.emplace_back(key, *time);
  site.notes.became(directive, key);
}

void import_count(const Directive& directive, Check& check, Site& site) {
  const auto count = number_of(directive.argument(0), 1, 1000);
  if (!count) return site.notes.left_out(directive, "vrrpd counts from 1 to 1000");
  std::erase_if(check.keys, [&](const auto& one) { return one.first == directive.name; });
  check.keys.emplace_back(directive.name, std::to_string(*count));
  site.notes.became(directive, directive.name);
}

void import_weight(const Directive& directive, Check& check, Site& site) {
  const auto weight = number_of(directive.argument(0), -253, 253);
  check.reverse = directive.argument(1) == "reverse";
  if (!weight) return site.notes.left_out(directive, "this is no weight from -253 to 253");
  check.weight = *weight;
  site.notes.became(directive, "on_failure of the tracks that use it");
}

void import_path(const Directive& directive, Check& check, Site& site) {
  if (!directive.argument(0).starts_with('/'))
    return site.notes.left_out(directive, "vrrpd takes an absolute path");
  check.keys.emplace_back("file", quoted(directive.argument(0)));
  site.notes.became(directive, check.became = "a track of the file: its number is added");
}

void import_process(const Directive& directive, Check& check, Site& site) {
  const auto words = split(directive.argument(0));
  const auto name = words.empty() ? "" : last_part(words.front());
  if (name.empty()) return site.notes.left_out(directive, "no process is named");
  if (words.size() + directive.arguments.size() > 2)
    return site.notes.left_out(directive, "vrrpd looks for the name alone, not for arguments");
  check.keys.emplace_back("process", quoted(name));
  site.notes.became(directive, check.became = "a track of the process, told at once");
}

bool is_target(const std::string& name) {
  return name == "script" || name == "process" || name == "file";
}

void import_part(const Directive& directive, Check& check, Site& site) {
  const auto& name = directive.name;
  const bool has_target =
      !check.keys.empty() && (check.keys.front().first == "script" || !check.became.empty());
  if (is_target(name) && has_target) return site.notes.left_out(directive, "it stands here twice");
  if (name == "script")
    import_script(directive, check, site);
  else if (name == "process")
    import_process(directive, check, site);
  else if (name == "file")
    import_path(directive, check, site);
  else if (name == "interval" || name == "timeout")
    import_time(directive, name.c_str(), check, site);
  else if (name == "rise" || name == "fall")
    import_count(directive, check, site);
  else if (name == "weight")
    import_weight(directive, check, site);
  else if (name == "init_fail")
    site.notes.itself(directive, "at a start a track counts as down until it has answered");
  else if (name == "user")
    site.notes.left_out(directive, "all programs run as one user: programs.user");
}

}  // namespace

void import_check(const Directive& definition, Site& site) {
  const auto& kind = definition.name;
  Check check{.origin = &definition, .keys = {}, .became = {}};
  site.notes.became(definition, "the tracks that name it");
  for (const auto& directive : definition.block) import_part(directive, check, site);
  if (kind != "vrrp_track_file" && kind != "track_file")
    for (const char* const key : {"rise", "fall"})  // 1 in keepalived, 2 in vrrpd
      if (std::ranges::find(check.keys, key, &Keys::value_type::first) == check.keys.end())
        check.keys.emplace_back(key, "1");
  // Everything else says how often and how long something is looked after.
  if (check.became.empty()) check.keys.clear();
  auto& known = kind == "vrrp_script"       ? site.scripts
                : kind.ends_with("process") ? site.processes
                                            : site.files;
  if (!known.emplace(definition.argument(0), std::move(check)).second)
    site.notes.left_out(definition, "another has this name");
}

namespace {

/// keepalived: 0 is a fault of the instance; -N takes N away when it fails; N adds N when it does
/// not.
void set_weight(int weight, Keys& keys, RouterText& router) {
  if (weight == 0) return;
  keys.emplace_back("on_failure", "lower_priority");
  keys.emplace_back("lower_by", std::to_string(std::abs(weight)));
  // The owner of the addresses (255) has no other priority.
  if (weight > 0 && router.priority != 255)
    router.priority = std::min(router.priority + weight, 254);
}

struct Use {
  std::optional<int> weight;
  bool reverse{false};
};

Use use_of(const Directive& entry) {
  Use use;
  for (std::size_t i = 0; i < entry.arguments.size(); ++i) {
    if (entry.arguments[i] == "weight") use.weight = number_of(entry.argument(i + 1), -253, 253);
    if (entry.arguments[i] == "reverse") use.reverse = true;
  }
  return use;
}

void add_track(const Directive& entry, int weight, Keys keys, const std::string& what,
               RouterText& router, Site& site) {
  if (router.tracks.size() == kMostTracks)
    return site.notes.left_out(entry, "vrrpd takes 16 tracks of a router");
  const bool known =
      std::ranges::any_of(router.tracks, [&](const auto& one) { return one.name == entry.name; });
  if (known) return site.notes.left_out(entry, "another track of this router has the name");
  set_weight(weight, keys, router);
  router.tracks.push_back({entry.name, std::move(keys)});
  site.notes.became(
      entry, what + (weight == 0  ? "; down, the addresses are given away"
                     : weight < 0 ? "; down, the priority is lower by " + std::to_string(-weight)
                                  : "; its weight is in the priority, and taken "
                                    "away when it is down"));
}

}  // namespace

void import_track_interface(const Directive& list, RouterText& router, Site& site) {
  site.notes.became(list, "track");
  for (const auto& entry : list.block) {
    const auto use = use_of(entry);
    if (!is_interface(entry.name)) {
      site.notes.left_out(entry, "this is no name of an interface");
    } else if (use.reverse) {
      site.notes.left_out(entry, "vrrpd has no track that is good when it is down");
    } else {
      add_track(entry, use.weight.value_or(0), {{"interface", quoted(entry.name)}},
                "a track of the interface", router, site);
    }
  }
}

void import_track_list(const Directive& list, const std::map<std::string, Check>& known,
                       RouterText& router, Site& site) {
  site.notes.became(list, "track");
  for (const auto& entry : list.block) {
    const auto found = known.find(entry.name);
    const auto use = use_of(entry);
    if (found == known.end()) {
      site.notes.left_out(entry, "it is not defined here");
      continue;
    }
    const auto& check = found->second;
    const bool is_file = list.name == "track_file";
    const auto weight = use.weight.value_or(check.weight);
    if (check.keys.empty())
      site.notes.left_out(entry, "its definition could not be taken over");
    else if (use.reverse || check.reverse)
      site.notes.left_out(entry, "vrrpd has no track that is good when it is down");
    else if (is_file && weight != 0 && weight != 1)
      site.notes.left_out(entry, "vrrpd adds the file's number as it is: write the product there");
    else
      add_track(entry, is_file ? 0 : weight, check.keys, check.became, router, site);
  }
}

}  // namespace vrrp::import
