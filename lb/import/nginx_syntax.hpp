#pragma once

#include "common/directive.hpp"

#include <string>
#include <string_view>

namespace lb::import {

using common::Directive;
using common::Files;
using common::files_on_disk;
using common::Syntax;
using common::SyntaxLimits;

/// The words and blocks of one file, as ngx_conf_read_token() takes them. The error is a sentence
/// with file and line. `budget`: directives that may still come, counted down.
Syntax parse_nginx(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                   std::size_t& budget);
/// A file with all that it includes; relative paths begin in its folder.
Syntax load_nginx(const std::string& path, const Files& files, const SyntaxLimits& limits = {});

}  // namespace lb::import
