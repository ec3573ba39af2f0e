#pragma once

#include "vrrpd/tracking/check.hpp"

#include <optional>
#include <string_view>

namespace vrrp::tracking {

/// The whole number in `text`, blanks around it aside; nothing for anything else, and beyond
/// -254..254.
std::optional<int> weight_in(std::string_view text);

/// Reads a small file; one that is not there or holds no number is bad. The file should be on a
/// file system in memory: it is read between advertisements.
class FileCheck : public PeriodicCheck {
 public:
  FileCheck(boost::asio::io_context& context, const TrackOptions& options, OnFinding on_finding);

 private:
  void ask(Answer answer) override;

  std::string path_;
};

}  // namespace vrrp::tracking
