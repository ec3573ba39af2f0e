#include "app/dbctl/execute.hpp"

#include "app/dbctl/node_command.hpp"
#include "app/dbctl/record_file.hpp"
#include "app/dbctl/session.hpp"
#include "common/time.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace booking::dbctl {
namespace {

using pair::Act;
using pair::Step;
using pair::StepEnd;

constexpr std::chrono::milliseconds kBetweenLooks{10};  // of Await
constexpr std::chrono::milliseconds kSlack{2000};       // over a statement's own limit

/// Waiting longer would change nothing.
struct GivenUp {
  std::string why;
};

class Executor {
 public:
  Executor(const pair::Plan& plan, const Options& options) : options_{options} {
    found_["replication_password"] = options.replication_password;
    for (const auto& step : plan.steps)
      if (step.early) begun_[{step.node, step.text}] = begin(step);
  }

  StepEnd carry_out(const Step& step) {
    const auto begun = common::Clock::now();
    StepEnd end;
    try {
      end = act(step);
    } catch (const SqlError& error) {
      if (error.breaks_session()) lose(step.node);
      end = {false, error.what(), {}};
    } catch (const GivenUp& given_up) {
      end = {false, given_up.why, {}};
    } catch (const std::exception& error) {  // what was changed must be taken back, whatever it is
      end = {false, error.what(), {}};
    }
    end.took = std::chrono::duration_cast<std::chrono::milliseconds>(common::Clock::now() - begun);
    return end;
  }

 private:
  StepEnd act(const Step& step) {
    if (step.same_session && lost_.contains(step.node))
      return {
          false, "not done: the connection was lost, so the server may have been restarted", {}};
    const auto text = filled(step.text);
    switch (step.act) {
      case Act::Statement:
        session(step.node).run(text, step.limit + kSlack);
        return {true, {}, {}};
      case Act::Capture: {
        const auto value = ask(step, text);
        found_[step.result] = value;
        return {true, value, {}};
      }
      case Act::Expect: {
        const auto value = ask(step, text);
        const bool right = value == filled(step.result);
        return {
            right,
            right ? "" : "it is " + (value.empty() ? "nothing" : value) + ", not " + step.result,
            {}};
      }
      case Act::Cover:
        return cover(step, ask(step, text));
      case Act::Await:
      case Act::Reach:
        return await(step, text);
      case Act::Command:
        return said(command(step));
      case Act::Transfer:
        lose(step.node);
        return said(pipe_between(node(step.from).command, "provide", node(step.node).command, text,
                                 step.limit));
      case Act::Note:
        return note(step);
    }
    return {};
  }

  std::future<CommandEnd> begin(const Step& step) const {
    return std::async(std::launch::async, run_on_node, std::cref(node(step.node).command),
                      step.text, step.limit);
  }

  CommandEnd command(const Step& step) {
    const auto begun = begun_.find({step.node, step.text});
    if (begun != begun_.end()) return begun->second.get();
    return run_on_node(node(step.node).command, filled(step.text), step.limit);
  }

  StepEnd note(const Step& step) const {
    auto record = step.record;
    if (!step.result.empty()) {
      record.closed_at = pair::GtidPosition::parse(filled(step.result));
      if (!record.closed_at) return {false, "no GTID position: " + filled(step.result), {}};
    }
    write_record(options_.record, record);
    return {true, {}, {}};
  }

  bool covers(const Step& step, const std::string& value) const {
    const auto have = pair::GtidPosition::parse(value);
    const auto needed = pair::GtidPosition::parse(filled(step.result));
    return have && needed && have->covers(*needed);
  }

  StepEnd cover(const Step& step, const std::string& value) const {
    if (covers(step, value)) return {true, value, {}};
    return {false, "it is at " + value + ", which does not cover " + filled(step.result), {}};
  }

  StepEnd await(const Step& step, const std::string& text) {
    const auto deadline = common::Clock::now() + step.limit;
    apart_since_.reset();
    std::string last;
    while (true) {
      try {
        last = ask(step, text);
        if (step.act == Act::Reach ? covers(step, last) : last == step.result)
          return {true, {}, {}};
      } catch (const SqlError& error) {
        if (error.breaks_session()) lose(step.node);
        last = error.what();
      }
      if (common::Clock::now() >= deadline)
        return {false, "it stays at " + last + (refusal_.empty() ? "" : ": " + refusal_), {}};
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  std::string ask(const Step& step, const std::string& text) {
    if (step.column.empty()) return session(step.node).value(text, step.limit + kSlack);
    const auto row = session(step.node).row(text, step.limit + kSlack);
    if (!row) return {};
    const auto cell = row->find(step.column);
    const auto why = row->find("Last_IO_Error");
    refusal_ = why == row->end() ? "" : why->second;
    if (step.act == Act::Reach) insist_on_receiving(*row);
    return cell == row->end() ? std::string{} : cell->second;
  }

  /// What is to be received may take an hour, but not over a link that is cut.
  void insist_on_receiving(const Row& row) {
    const auto found = row.find("Slave_IO_Running");
    if (found == row.end()) return;
    const auto& receives = found->second;
    const auto refusal = refusal_.empty() ? "" : ": " + refusal_;
    if (receives == "No") throw GivenUp{"it does not receive" + refusal};
    const auto now = common::Clock::now();
    if (receives == "Yes")
      apart_since_.reset();
    else if (!apart_since_)
      apart_since_ = now;
    else if (now - *apart_since_ >= options_.terms.catch_up)
      throw GivenUp{"it does not reach its source" + refusal};
  }

  static StepEnd said(CommandEnd end) { return {end.done, std::move(end.words), {}}; }

  std::string filled(std::string text) const {
    for (const auto& [name, value] : found_) {
      const auto placeholder = '{' + name + '}';
      for (auto at = text.find(placeholder); at != text.npos;
           at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
    }
    return text;
  }

  const NodeOptions& node(const std::string& name) const {
    return *std::ranges::find(options_.nodes, name, &NodeOptions::name);
  }

  void lose(const std::string& name) {
    sessions_.erase(name);
    lost_.insert(name);
  }

  Session& session(const std::string& name) {
    auto found = sessions_.find(name);
    if (found == sessions_.end())
      found = sessions_.emplace(name, std::make_unique<Session>(node(name), options_)).first;
    return *found->second;
  }

  const Options& options_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::set<std::string> lost_;  // nodes with which a session ended: later ones are others
  std::map<std::string, std::string> found_;
  std::string refusal_;                           // what a replica's source said last
  std::optional<common::TimePoint> apart_since_;  // a replica that is to receive, from its source
  /// By node and verb. Whoever has not been waited for is when this goes away: each has a limit.
  std::map<std::pair<std::string, std::string>, std::future<CommandEnd>> begun_;
};

volatile std::sig_atomic_t asked_to_end = 0;

/// While it lives a signal is noted, and the step under way ends.
class Patience {
 public:
  Patience() {
    struct sigaction action {};
    action.sa_handler = [](int) { asked_to_end = 1; };
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  }
};

}  // namespace

pair::Ending execute(const pair::Plan& plan, const Options& options, const pair::Told& told) {
  const Patience patience;
  Executor executor{plan, options};
  return pair::carry_out(
      plan, [&](const Step& step) { return executor.carry_out(step); }, told,
      [] { return asked_to_end != 0; });
}

}  // namespace booking::dbctl
