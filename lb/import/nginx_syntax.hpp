#pragma once

#include "common/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lb::import {

/// `name arguments… ;` or `name arguments… { block }`.
struct Directive {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<Directive> block;
  std::string file;
  int line{0};

  std::string argument(std::size_t i) const { return i < arguments.size() ? arguments[i] : ""; }
  /// `nginx.conf:12: listen 80`
  std::string where() const;
};

struct SyntaxLimits {
  std::size_t file{1U << 20U};     // octets of one file
  std::size_t directives{20'000};  // of all files together
  std::size_t depth{16};           // of blocks in blocks
  std::size_t word{4096};          // octets
  std::size_t files{256};          // that include brings
  std::size_t include_depth{8};    // of files in files
};

/// Where files come from: the disk, or a test.
struct Files {
  std::function<std::optional<std::string>(const std::string& path, std::size_t most)> read;
  std::function<std::vector<std::string>(const std::string& pattern)> match;  // sorted
};
Files files_on_disk();

using Syntax = common::Result<std::vector<Directive>, std::string>;

/// The words and blocks of one file, as ngx_conf_read_token() takes them. The error is a sentence
/// with file and line. `budget`: directives that may still come, counted down.
Syntax parse_nginx(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                   std::size_t& budget);
/// A file with all that it includes; relative paths begin in its folder.
Syntax load_nginx(const std::string& path, const Files& files, const SyntaxLimits& limits = {});

}  // namespace lb::import
