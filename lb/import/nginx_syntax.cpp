#include "lb/import/nginx_syntax.hpp"

#include <array>
#include <utility>

namespace lb::import {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, const SyntaxLimits& limits,
         std::size_t& budget)
      : text_{text}, file_{file}, limits_{limits}, budget_{budget} {}

  bool parse(std::vector<Directive>& out, std::size_t depth) {
    for (;;) {
      skip_blanks();
      if (at_ == text_.size()) return depth == 0 || fail("a block is not closed");
      if (text_[at_] == '}') {
        ++at_;
        return depth > 0 || fail("a } too many");
      }
      if (budget_ == 0) return fail("there are too many directives");
      --budget_;
      Directive made;
      made.file = file_;
      made.line = line_;
      if (!directive(made, depth)) return false;
      out.push_back(std::move(made));
    }
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(const std::string& what) {
    error_ = file_ + ':' + std::to_string(line_) + ": " + what;
    return false;
  }

  void advance() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        advance();
      } else if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  bool directive(Directive& made, std::size_t depth) {
    for (;;) {
      skip_blanks();
      if (at_ == text_.size()) return fail("the last directive has no end");
      const char c = text_[at_];
      if (c == ';' || c == '{') {
        if (made.name.empty()) return fail("a directive has no name");
        ++at_;
        if (c == ';') return true;
        if (made.name.ends_with("_by_lua_block")) return skip_code();
        if (depth + 1 > limits_.depth) return fail("blocks stand too deep in each other");
        return parse(made.block, depth + 1);
      }
      if (c == '}') return fail("; is missing before }");
      std::string word;
      if (!read_word(word)) return false;
      if (made.name.empty())
        made.name = std::move(word);
      else
        made.arguments.push_back(std::move(word));
    }
  }

  /// Braces of another language: only their balance counts.
  bool skip_code() {
    for (std::size_t open = 1; at_ < text_.size(); advance()) {
      if (text_[at_] == '{') ++open;
      if (text_[at_] == '}' && --open == 0) return ++at_, true;
    }
    return fail("a block is not closed");
  }

  bool read_word(std::string& word) {
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? text_[at_] : '\0';
    if (quote != '\0') ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (word.size() >= limits_.word) return fail("a word is too long");
      if (c == '\\' && at_ + 1 < text_.size()) {
        escape(word);
      } else if (quote != '\0') {
        advance();
        if (c == quote) return true;
        word += c;
      } else if (is_blank(c) || c == ';' || c == '{') {
        if (c != '{' || !word.ends_with('$')) return true;
        word += c;  // ${name}
        ++at_;
      } else {
        word += c;
        ++at_;
      }
    }
    return quote == '\0' || fail("a quotation is not closed");
  }

  /// What a backslash means to nginx; before anything else it stays, for regular expressions.
  void escape(std::string& word) {
    const char next = text_[at_ + 1];
    constexpr std::array<std::pair<char, char>, 6> kEscapes{
        {{'"', '"'}, {'\'', '\''}, {'\\', '\\'}, {'t', '\t'}, {'r', '\r'}, {'n', '\n'}}};
    for (const auto& [from, to] : kEscapes) {
      if (next != from) continue;
      word += to;
      at_ += 2;
      return;
    }
    word += '\\';
    advance();
    word += text_[at_];
    advance();
  }

  std::string_view text_;
  const std::string& file_;
  const SyntaxLimits& limits_;
  std::size_t& budget_;
  std::size_t at_{0};
  int line_{1};
  std::string error_;
};

}  // namespace

Syntax parse_nginx(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                   std::size_t& budget) {
  if (text.size() > limits.file) return file + ": the file is too large";
  Parser parser{text, file, limits, budget};
  std::vector<Directive> out;
  if (!parser.parse(out, 0)) return parser.error();
  return out;
}

Syntax load_nginx(const std::string& path, const Files& files, const SyntaxLimits& limits) {
  constexpr common::Language kLanguage{
      .parse = parse_nginx,
      .from_first_folder = true,
      // What nginx ships (mime.types) need not be on this machine.
      .may_be_missing = [](std::string_view missing) { return missing.ends_with("types"); }};
  return common::load_directives(kLanguage, path, files, limits);
}

}  // namespace lb::import
