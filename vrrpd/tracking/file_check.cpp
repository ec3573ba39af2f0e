#include "vrrpd/tracking/file_check.hpp"

#include "vrrpd/tracking/small_file.hpp"

#include <utility>

namespace vrrp::tracking {

std::optional<int> weight_in(std::string_view text) {
  const auto number = number_in(text);
  if (!number || *number < -254 || *number > 254) return std::nullopt;
  return number;
}

FileCheck::FileCheck(boost::asio::io_context& context, const TrackOptions& options,
                     OnFinding on_finding)
    : PeriodicCheck{context, options.interval, std::move(on_finding)},
      path_{std::get<FileTarget>(options.target).path} {}

void FileCheck::ask(Answer answer) {
  const auto text = read_small_file(path_);
  const auto weight = text ? weight_in(*text) : std::nullopt;
  answer({.good = weight.has_value(), .weight = weight.value_or(0)});
}

}  // namespace vrrp::tracking
