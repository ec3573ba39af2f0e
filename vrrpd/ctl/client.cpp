#include "vrrpd/ctl/client.hpp"

#include "common/terminal_text.hpp"

#include <cstdio>

namespace vrrp::ctl {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void complain(const std::string& text) { std::fprintf(stderr, "vrrpctl: %s\n", text.c_str()); }

Said ask_status(const common::AdminClient& client) { return client.ask("GET", "/api/v1/status"); }

Exit trouble(const Arguments& arguments, const Said& said) {
  if (!said) return complain(said.error()), Exit::Unreachable;
  if (said->ok()) return Exit::Done;
  auto problem = common::render_problem(said->json, {});
  if (problem.empty()) problem = "status " + std::to_string(said->status) + '\n';
  problem.pop_back();
  if (arguments.json)
    print(said->text);
  else
    complain(problem);
  const bool forbidden = said->status == 401 || said->status == 403;
  return forbidden ? Exit::Forbidden : Exit::Refused;
}

}  // namespace vrrp::ctl
