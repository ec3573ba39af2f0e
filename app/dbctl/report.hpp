#pragma once

#include "app/dbctl/execute.hpp"
#include "app/dbctl/verify.hpp"
#include "app/pair/health.hpp"
#include "app/pair/plan.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace booking::dbctl {

// For a terminal.
std::string render(const pair::PairSeen& seen, const pair::Health& health);
std::string render(const pair::Verdict& verdict);
/// The step as it is written, with the node's name; secrets stay placeholders.
std::string render(const pair::Step& step);
std::string render(const pair::Step& step, const pair::StepEnd& end, bool undoing);
std::string render(const Compared& compared, const std::string& primary,
                   const std::string& replica);

// For a program; docs/man/dbctl.8 tells the members.
boost::json::value to_json(const pair::PairSeen& seen, const pair::Health& health);
boost::json::value to_json(const pair::Verdict& verdict);
boost::json::object to_json(const pair::Step& step);
boost::json::value to_json(const pair::Step& step, const pair::StepEnd& end, bool undoing);
boost::json::value to_json(const Compared& compared);

}  // namespace booking::dbctl
