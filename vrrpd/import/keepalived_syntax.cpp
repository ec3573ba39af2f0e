#include "vrrpd/import/keepalived_syntax.hpp"

#include <map>
#include <utility>

namespace vrrp::import {
namespace {

constexpr std::size_t kMostParameters = 256;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, const SyntaxLimits& limits,
         std::size_t& budget)
      : text_{text}, file_{file}, limits_{limits}, budget_{budget} {}

  bool parse(std::vector<Directive>& out, std::size_t depth) {
    for (;;) {
      skip_lines();
      if (done()) return depth == 0 || fail("a block is not closed");
      if (at_brace('}')) {
        ++at_;
        return depth > 0 || fail("a } too many");
      }
      if (at_brace('{')) return fail("a block has no name");
      if (budget_ == 0) return fail("there are too many directives");
      --budget_;
      Directive made;
      made.file = file_;
      made.line = line_;
      if (!directive(made, depth)) return false;
      if (!take_parameter(made)) out.push_back(std::move(made));
    }
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(const std::string& what) {
    error_ = file_ + ':' + std::to_string(line_) + ": " + what;
    return false;
  }
  bool done() const { return at_ == text_.size(); }

  /// A brace of a block stands by itself: those of `${NAME}` and of expressions do not.
  bool at_brace(char brace) const {
    if (done() || text_[at_] != brace) return false;
    if (at_ + 1 == text_.size()) return true;
    const char next = text_[at_ + 1];
    return is_blank(next) || next == '\n' || next == '{' || next == '}' || next == '#' ||
           next == '!';
  }

  void skip_blanks() {
    while (!done() && is_blank(text_[at_])) ++at_;
    if (!done() && (text_[at_] == '#' || text_[at_] == '!'))
      while (!done() && text_[at_] != '\n') ++at_;
  }
  void skip_lines() {
    for (skip_blanks(); !done() && text_[at_] == '\n'; skip_blanks()) {
      ++at_;
      ++line_;
    }
  }

  bool directive(Directive& made, std::size_t depth) {
    for (skip_blanks(); !done() && text_[at_] != '\n' && !at_brace('{') && !at_brace('}');
         skip_blanks()) {
      std::string word;
      if (!read_word(word)) return false;
      if (made.name.empty() && made.arguments.empty())
        made.name = std::move(word);
      else
        made.arguments.push_back(std::move(word));
    }
    if (at_brace('}')) return true;
    const auto end = at_;
    const auto line = line_;
    skip_lines();  // the brace may stand on a line of its own
    if (!at_brace('{')) {
      at_ = end;
      line_ = line;
      return true;
    }
    ++at_;
    if (depth + 1 > limits_.depth) return fail("blocks stand too deep in each other");
    return parse(made.block, depth + 1);
  }

  bool read_word(std::string& word) {
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? text_[at_] : '\0';
    if (quote != '\0') ++at_;
    for (; !done() && text_[at_] != '\n'; ++at_) {
      const char c = text_[at_];
      if (word.size() >= limits_.word) return fail("a word is too long");
      if (quote != '\0' && c == quote) {
        ++at_;
        return substitute(word);
      }
      if (quote == '\0' && (is_blank(c) || (!word.empty() && (at_brace('{') || at_brace('}')))))
        return substitute(word);
      if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      word += text_[at_];
    }
    if (quote != '\0') return fail("a quotation is not closed");
    return substitute(word);
  }

  /// `$NAME=value …`
  bool take_parameter(const Directive& made) {
    const auto equals = made.name.find('=');
    if (!made.name.starts_with('$') || equals == made.name.npos || !made.block.empty())
      return false;
    auto value = made.name.substr(equals + 1);
    for (const auto& word : made.arguments) value += (value.empty() ? "" : " ") + word;
    if (parameters_.size() < kMostParameters)
      parameters_[made.name.substr(1, equals - 1)] = std::move(value);
    return true;
  }

  bool substitute(std::string& word) {
    std::string out;
    for (std::size_t i = 0; i < word.size();) {
      const bool braced = word[i] == '$' && i + 1 < word.size() && word[i + 1] == '{';
      const std::size_t begin = i + (braced ? 2 : 1);
      std::size_t end = begin;
      while (end < word.size() && is_name(word[end])) ++end;
      const auto found =
          word[i] == '$' ? parameters_.find(word.substr(begin, end - begin)) : parameters_.end();
      if (found == parameters_.end() || (braced && (end == word.size() || word[end] != '}'))) {
        out += word[i++];
        continue;
      }
      out += found->second;
      i = end + (braced ? 1 : 0);
      if (out.size() > limits_.word) return fail("a word is too long");
    }
    word = std::move(out);
    return true;
  }

  std::string_view text_;
  const std::string& file_;
  const SyntaxLimits& limits_;
  std::size_t& budget_;
  std::size_t at_{0};
  int line_{1};
  std::map<std::string, std::string> parameters_;
  std::string error_;
};

}  // namespace

Syntax parse_keepalived(std::string_view text, const std::string& file, const SyntaxLimits& limits,
                        std::size_t& budget) {
  Parser parser{text, file, limits, budget};
  std::vector<Directive> out;
  if (!parser.parse(out, 0)) return parser.error();
  return out;
}

Syntax load_keepalived(const std::string& path, const Files& files, const SyntaxLimits& limits) {
  constexpr common::Language kLanguage{.parse = parse_keepalived,
                                       .from_first_folder = false,
                                       .may_be_missing = [](std::string_view) { return false; }};
  return common::load_directives(kLanguage, path, files, limits);
}

}  // namespace vrrp::import
