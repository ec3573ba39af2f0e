#pragma once

#include "common/directive.hpp"

#include <string>
#include <string_view>

namespace vrrp::import {

using common::Directive;
using common::Files;
using common::Syntax;
using common::SyntaxLimits;

/// The lines and blocks of one file, as keepalived.conf(5) has them: a line is a directive, `!` and
/// `#` begin a comment, a brace stands by itself, `$NAME=value` is put in for `$NAME` and `${NAME}`
/// further down. The error is a sentence with file and line. `budget`: directives that may still
/// come.
Syntax parse_keepalived(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                        std::size_t& budget);
/// A file with all that it includes; relative paths begin in the folder of the file they stand in.
Syntax load_keepalived(const std::string& path, const Files& files,
                       const SyntaxLimits& limits = {});

}  // namespace vrrp::import
