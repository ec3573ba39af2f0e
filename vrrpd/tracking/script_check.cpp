#include "vrrpd/tracking/script_check.hpp"

#include <utility>

namespace vrrp::tracking {

ScriptCheck::ScriptCheck(boost::asio::io_context& context, const TrackOptions& options,
                         programs::Runner* programs, OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      program_{.run = std::get<ScriptTarget>(options.target).run,
               .environment = {"MAINSTAY_TRACK=" + options.name},
               .timeout = options.timeout},
      programs_{programs} {}

void ScriptCheck::ask(Answer answer) {
  if (programs_ == nullptr) return answer({.good = false});
  programs_->run(program_, [answer = std::move(answer)](const programs::Ended& ended) {
    answer({.good = ended.how == programs::How::Exited && ended.status == 0});
  });
}

}  // namespace vrrp::tracking
