#include "common/directive.hpp"

#include <fstream>
#include <glob.h>
#include <utility>

namespace common {
namespace {

constexpr std::size_t kLongestPlace = 160;  // octets of what stands there, in a report

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash + 1);
}

/// Loads files into each other.
class Loader {
 public:
  Loader(const Language& language, const Files& files, const SyntaxLimits& limits,
         const std::string& first)
      : language_{language},
        files_{files},
        limits_{limits},
        folder_{folder_of(first)},
        budget_{limits.directives} {}

  Syntax load(const std::string& path, std::size_t depth) {
    if (++loaded_ > limits_.files) return path + ": there are too many files";
    const auto text = files_.read(path, limits_.file);
    if (!text) return path + ": it cannot be read, or is too large";
    if (text->size() > limits_.file) return path + ": the file is too large";
    auto parsed = language_.parse(*text, path, limits_, budget_);
    if (!parsed) return parsed;
    return expand(std::move(*parsed), depth);
  }

 private:
  Syntax expand(std::vector<Directive> directives, std::size_t depth) {
    std::vector<Directive> out;
    for (auto& directive : directives) {
      if (directive.name == "include" && directive.arguments.size() == 1) {
        auto included = include(directive, depth);
        if (!included) return included;
        for (auto& one : *included) out.push_back(std::move(one));
        continue;
      }
      auto block = expand(std::move(directive.block), depth);
      if (!block) return block;
      directive.block = std::move(*block);
      out.push_back(std::move(directive));
    }
    return out;
  }

  Syntax include(const Directive& directive, std::size_t depth) {
    if (depth + 1 > limits_.include_depth)
      return directive.where() + ": files stand too deep in each other";
    auto pattern = directive.argument(0);
    if (!pattern.starts_with('/'))
      pattern = (language_.from_first_folder ? folder_ : folder_of(directive.file)) + pattern;
    const bool is_pattern = pattern.find_first_of("*?[") != pattern.npos;
    const auto paths = is_pattern ? files_.match(pattern) : std::vector<std::string>{pattern};
    std::vector<Directive> out;
    for (const auto& path : paths) {
      auto included = load(path, depth + 1);
      if (!included && !is_pattern && language_.may_be_missing(path)) continue;
      if (!included) return included;
      for (auto& one : *included) out.push_back(std::move(one));
    }
    return out;
  }

  const Language& language_;
  const Files& files_;
  const SyntaxLimits& limits_;
  std::string folder_;
  std::size_t budget_;
  std::size_t loaded_{0};
};

}  // namespace

std::string Directive::where() const {
  std::string out = file + ':' + std::to_string(line) + ": " + name;
  for (const auto& word : arguments) {
    if (out.size() > kLongestPlace) return out + " …";
    out += ' ' + word;
  }
  return out;
}

Files files_on_disk() {
  return {[](const std::string& path, std::size_t most) -> std::optional<std::string> {
            std::ifstream file{path, std::ios::binary};
            if (!file) return std::nullopt;
            std::string text(most + 1, '\0');
            file.read(text.data(), static_cast<std::streamsize>(text.size()));
            text.resize(static_cast<std::size_t>(file.gcount()));
            if (file.bad() || text.size() > most) return std::nullopt;
            return text;
          },
          [](const std::string& pattern) {
            std::vector<std::string> paths;
            ::glob_t found{};
            if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
              paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
            ::globfree(&found);
            return paths;
          }};
}

Syntax load_directives(const Language& language, const std::string& path, const Files& files,
                       const SyntaxLimits& limits) {
  return Loader{language, files, limits, path}.load(path, 0);
}

}  // namespace common
