#pragma once

#include "common/directive.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace common {

/// What became of directives, when a foreign configuration is turned into one of ours.
class ImportNotes {
 public:
  enum class Kind : std::uint8_t { Became, Itself, LeftOut };

  /// `program`: whose configuration they become.
  explicit ImportNotes(std::string program) : program_{std::move(program)} {}

  /// A directive that counts in several places keeps its worst news.
  void became(const Directive& directive, const std::string& what) {
    add(directive, Kind::Became, "became " + what);
  }
  void itself(const Directive& directive) { itself(directive, program_ + " does this by itself"); }
  void itself(const Directive& directive, const std::string& why) {
    add(directive, Kind::Itself, "not needed: " + why);
  }
  void left_out(const Directive& directive, const std::string& why) {
    add(directive, Kind::LeftOut, "left out: " + why);
  }
  bool knows(const Directive& directive) const { return notes_.contains(&directive); }

  /// A line for every directive in `all` and its blocks, in their order; what nobody spoke of is
  /// left out. `only`: of that kind.
  std::vector<std::string> lines(const std::vector<Directive>& all) const;
  std::vector<std::string> lines(const std::vector<Directive>& all, Kind only) const;

 private:
  struct Note {
    Kind kind;
    std::string text;
  };
  void add(const Directive& directive, Kind kind, std::string text);
  void collect(const std::vector<Directive>& all, const Kind* only,
               std::vector<std::string>& out) const;

  std::string program_;
  std::map<const Directive*, Note> notes_;
};

/// `text` as a comment of YAML: on one line, whatever is in it.
std::string yaml_comment(std::string text);
/// `text` in double quotes, as YAML and JSON take it.
std::string yaml_quoted(std::string_view text);

}  // namespace common
