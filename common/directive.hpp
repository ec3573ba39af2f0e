#pragma once

#include "common/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// One statement of a foreign configuration: `name arguments…`, perhaps with a block of others.
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

/// The error is a sentence with file and line.
using Syntax = Result<std::vector<Directive>, std::string>;

/// What a language of directives has of its own.
struct Language {
  /// The words and blocks of one file. `budget`: directives that may still come, counted down.
  Syntax (*parse)(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                  std::size_t& budget);
  /// Relative paths begin in the folder of the first file; else in that of the file they stand in.
  bool from_first_folder;
  /// Whether a file that is included need not be there.
  bool (*may_be_missing)(std::string_view path);
};

/// A file with all that its `include` bring, in their places.
Syntax load_directives(const Language& language, const std::string& path, const Files& files,
                       const SyntaxLimits& limits = {});

}  // namespace common
