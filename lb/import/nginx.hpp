#pragma once

#include "common/result.hpp"
#include "lb/import/nginx_syntax.hpp"

#include <string>

namespace lb::import {

struct Imported {
  std::string yaml;    // lbd.yaml
  std::string report;  // what became of every directive, a line each
};

/// Turns an nginx proxy configuration, with what it includes, into one of lbd. The error is a
/// sentence with file and line.
common::Result<Imported, std::string> import_nginx(const std::string& path,
                                                   const Files& files = files_on_disk());

}  // namespace lb::import
