#include "app/dbctl/execute.hpp"

#include "app/dbctl/node_command.hpp"
#include "app/dbctl/record_file.hpp"
#include "app/dbctl/session.hpp"
#include "common/time.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace booking::dbctl {
namespace {

using pair::Act;
using pair::Step;

constexpr std::chrono::milliseconds kBetweenLooks{10};  // of Await
constexpr std::chrono::milliseconds kSlack{2000};       // over a statement's own limit

/// Waiting longer would change nothing.
struct GivenUp {
  std::string why;
};

class Executor {
 public:
  explicit Executor(const Options& options) : options_{options} {
    found_["replication_password"] = options.replication_password;
  }

  StepEnd carry_out(const Step& step) {
    const auto begun = common::Clock::now();
    StepEnd end;
    try {
      end = act(step);
    } catch (const SqlError& error) {
      sessions_.erase(step.node);  // whatever state it is in
      end = {false, error.what(), {}};
    } catch (const GivenUp& given_up) {
      end = {false, given_up.why, {}};
    } catch (const std::system_error& error) {
      end = {false, error.what(), {}};
    }
    end.took = std::chrono::duration_cast<std::chrono::milliseconds>(common::Clock::now() - begun);
    return end;
  }

 private:
  StepEnd act(const Step& step) {
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
        sessions_.erase(step.node);
        return said(run_on_node(node(step.node).command, text, step.limit));
      case Act::Transfer:
        sessions_.erase(step.node);
        return said(pipe_between(node(step.from).command, "provide", node(step.node).command, text,
                                 step.limit));
      case Act::Note:
        write_record(options_.record, step.record);
        return {true, {}, {}};
    }
    return {};
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
    std::string last;
    while (true) {
      try {
        last = ask(step, text);
        if (step.act == Act::Reach ? covers(step, last) : last == step.result)
          return {true, {}, {}};
      } catch (const SqlError& error) {
        sessions_.erase(step.node);
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
    const auto receives = row->find("Slave_IO_Running");
    if (step.act == Act::Reach && receives != row->end() && receives->second == "No")
      throw GivenUp{"it does not receive" + (refusal_.empty() ? "" : ": " + refusal_)};
    return cell == row->end() ? std::string{} : cell->second;
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

  Session& session(const std::string& name) {
    auto& slot = sessions_[name];
    if (!slot) slot = std::make_unique<Session>(node(name), options_);
    return *slot;
  }

  const Options& options_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::string> found_;
  std::string refusal_;  // what a replica's source said last
};

}  // namespace

Ending execute(const pair::Plan& plan, const Options& options, const Told& told) {
  Executor executor{options};
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto end = executor.carry_out(plan.steps[i]);
    told(plan.steps[i], end, false);
    if (end.done || !plan.steps[i].needed) continue;
    if (i >= plan.reversible) return Ending::Failed;
    bool back = true;
    for (const auto& step : plan.undo) {
      const auto undone = executor.carry_out(step);
      told(step, undone, true);
      back = back && (undone.done || !step.needed);
    }
    return back ? Ending::TakenBack : Ending::Failed;
  }
  return Ending::Done;
}

}  // namespace booking::dbctl
