#include "app/dbctl/run.hpp"

#include "app/dbctl/arguments.hpp"
#include "app/dbctl/config/load.hpp"
#include "app/dbctl/execute.hpp"
#include "app/dbctl/observe.hpp"
#include "app/dbctl/record_file.hpp"
#include "app/dbctl/report.hpp"
#include "app/dbctl/session.hpp"
#include "app/dbctl/verify.hpp"
#include "app/pair/health.hpp"
#include "app/pair/planners.hpp"
#include "common/build_info.hpp"
#include "common/command_line.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fmt/core.h>
#include <optional>
#include <string>

namespace booking::dbctl {
namespace {

namespace json = boost::json;

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print(const json::value& value) { print(json::serialize(value) + '\n'); }

bool nobody_answers(const pair::PairSeen& seen) {
  return std::ranges::none_of(seen.nodes, &pair::NodeSeen::reachable);
}

Exit status(const Options& options, bool as_json) {
  const auto seen = observe_pair(options);
  const auto health = pair::assess(seen);
  if (as_json)
    print(to_json(seen, health));
  else
    print(render(seen, health));
  if (nobody_answers(seen)) return Exit::Unreachable;
  if (health.state == pair::State::TwoWriters) return Exit::TwoWriters;
  return health.state == pair::State::Well ? Exit::Done : Exit::Unwell;
}

pair::Plan make_plan(Verb verb, const pair::PairSeen& seen, const Options& options,
                     const pair::Wishes& wishes) {
  switch (verb) {
    case Verb::Bootstrap:
      return pair::plan_bootstrap(seen, options.terms, wishes);
    case Verb::Switchover:
      return pair::plan_switchover(seen, options.terms, wishes);
    case Verb::Failover:
      return pair::plan_failover(seen, options.terms, wishes);
    case Verb::Rejoin:
      return pair::plan_rejoin(seen, options.terms, wishes);
    case Verb::Degrade:
      return pair::plan_degrade(seen, options.terms);
    default:
      return pair::plan_restore_sync(seen, options.terms);
  }
}

/// Carries a plan out and says of each step how it went, as it goes.
class Telling {
 public:
  Telling(const pair::Plan& plan, bool as_json) : as_json_{as_json} {
    out_["verb"] = plan.verb;
    json::array verdicts;
    for (const auto& verdict : plan.verdicts) {
      verdicts.push_back(to_json(verdict));
      if (!as_json_) print(render(verdict));
    }
    out_["verdicts"] = std::move(verdicts);
  }

  void only_planned(const pair::Plan& plan) {
    for (const auto& step : plan.steps) {
      steps_.push_back(to_json(step));
      if (!as_json_) print(fmt::format("  {}\n      # {}\n", render(step), step.why));
    }
    if (plan.undo.empty()) return;
    json::array undo;
    for (const auto& step : plan.undo) undo.push_back(to_json(step));
    out_["undo"] = std::move(undo);
    out_["reversible"] = plan.reversible;
    if (as_json_) return;
    print(fmt::format("  when one of the first {} fails:\n", plan.reversible));
    for (const auto& step : plan.undo) print(fmt::format("  {}\n", render(step)));
  }

  void tried(const pair::Step& step, const pair::StepEnd& end, bool undoing) {
    steps_.push_back(to_json(step, end, undoing));
    if (!as_json_) print(render(step, end, undoing));
  }

  Exit end(Exit exit, const char* words) {
    out_["steps"] = std::move(steps_);
    out_["outcome"] = words;
    out_["exit"] = static_cast<int>(exit);
    if (as_json_)
      print(json::value(out_));
    else
      print(std::string{words} + '\n');
    return exit;
  }

 private:
  bool as_json_;
  json::object out_;
  json::array steps_;
};

Exit change(const Arguments& arguments, const Options& options) {
  const auto lock = arguments.dry_run ? nullptr : RecordLock::take(options.record);
  if (!arguments.dry_run && !lock) {
    std::fprintf(stderr, "dbctl: refused: another dbctl is at work (it holds %s.lock)\n",
                 options.record.c_str());
    return Exit::Refused;
  }
  auto seen = observe_pair(options);
  if (arguments.verb == Verb::Rejoin) observe_logs(seen, options);
  const auto plan = make_plan(arguments.verb, seen, options, arguments.wishes);
  Telling telling{plan, arguments.json};
  if (seen.writable().size() > 1)
    return telling.end(Exit::TwoWriters, "refused: both nodes can be written to");
  if (nobody_answers(seen)) return telling.end(Exit::Unreachable, "refused: no node answers");
  if (plan.refused()) return telling.end(Exit::Refused, "refused; nothing was changed");
  if (arguments.dry_run) {
    telling.only_planned(plan);
    return telling.end(Exit::Done, "dry run; nothing was changed");
  }
  const auto ending = execute(plan, options, [&](const auto& step, const auto& end, bool undoing) {
    telling.tried(step, end, undoing);
  });
  switch (ending) {
    case pair::Ending::Done:
      return telling.end(Exit::Done, "done");
    case pair::Ending::TakenBack:
      return telling.end(Exit::Failed, "failed, and taken back: writes go on where they were");
    case pair::Ending::Failed:
      break;
  }
  return telling.end(
      Exit::Failed,
      "failed; `dbctl status` says where it stands. With nobody open: `dbctl failover`; else the "
      "same command again");
}

/// Says why the two cannot be compared; nothing when they can.
std::optional<Exit> incomparable(const pair::PairSeen& seen) {
  const auto say = [](Exit exit, const std::string& why) {
    std::fprintf(stderr, "dbctl: %s\n", why.c_str());
    return exit;
  };
  if (nobody_answers(seen)) return say(Exit::Unreachable, "no node answers");
  for (const auto& node : seen.nodes)
    if (!node.reachable) return say(Exit::Refused, node.name + " does not answer: " + node.why);
  const auto writable = seen.writable();
  if (writable.size() > 1) return say(Exit::TwoWriters, "both nodes can be written to");
  if (writable.empty()) return say(Exit::Refused, "no node can be written to");
  return std::nullopt;
}

Exit compare(const Options& options, bool as_json) {
  const auto seen = observe_pair(options);
  if (const auto exit = incomparable(seen)) return *exit;
  const bool first = seen.nodes.front().writable();
  const auto& primary = options.nodes[first ? 0 : 1];
  const auto& replica = options.nodes[first ? 1 : 0];
  const auto found = verify(options, primary, replica);
  if (as_json)
    print(to_json(found));
  else
    print(render(found, primary.name, replica.name));
  return found.equal() ? Exit::Done : Exit::Differs;
}

Exit act(const Arguments& arguments) {
  auto loaded = load_file(arguments.config);
  if (!loaded.options) return common::print_errors(loaded.errors), Exit::BadUsage;
  if (arguments.verb == Verb::Check) return print("right: " + arguments.config + '\n'), Exit::Done;
  if (const auto read = read_passwords(*loaded.options, arguments.config); !read)
    return std::fprintf(stderr, "dbctl: %s\n", read.error().c_str()), Exit::BadUsage;
  if (arguments.verb == Verb::Status) return status(*loaded.options, arguments.json);
  if (arguments.verb == Verb::Verify) return compare(*loaded.options, arguments.json);
  return change(arguments, *loaded.options);
}

}  // namespace

int run(const std::vector<std::string>& words) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not stop a plan halfway
  const auto arguments = read_arguments(words);
  if (!arguments) {
    std::fprintf(stderr, "dbctl: %s; see `dbctl help`\n", arguments.error().c_str());
    return static_cast<int>(Exit::BadUsage);
  }
  if (arguments->verb == Verb::Help) return print(usage()), 0;
  if (arguments->verb == Verb::Version)
    return print(fmt::format("dbctl {}\n", common::kVersion)), 0;
  try {
    return static_cast<int>(act(*arguments));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dbctl: %s\n", error.what());
    return static_cast<int>(Exit::Failed);
  }
}

}  // namespace booking::dbctl
