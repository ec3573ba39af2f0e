#pragma once

#include "common/result.hpp"
#include "vrrpd/import/keepalived_syntax.hpp"

#include <string>

namespace vrrp::import {

struct Imported {
  std::string yaml;    // vrrpd.yaml
  std::string report;  // what became of every directive, a line each
};

/// Turns a keepalived configuration, with what it includes, into one of vrrpd. The error is a
/// sentence with file and line.
common::Result<Imported, std::string> import_keepalived(
    const std::string& path, const Files& files = common::files_on_disk());

}  // namespace vrrp::import
