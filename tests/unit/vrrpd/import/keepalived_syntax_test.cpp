#include "vrrpd/import/keepalived_syntax.hpp"

#include "tests/support/catch.hpp"

#include <map>

namespace vrrp::import {
namespace {

/// `a(b|c){d(e)}` for `a b c { d e }`.
std::string shape(const std::vector<Directive>& all) {
  std::string out;
  for (const auto& one : all) {
    out += (out.empty() ? "" : ";") + one.name;
    for (std::size_t i = 0; i < one.arguments.size(); ++i)
      out += (i == 0 ? "(" : "|") + one.arguments[i];
    if (!one.arguments.empty()) out += ')';
    if (!one.block.empty()) out += '{' + shape(one.block) + '}';
  }
  return out;
}

std::string parse(std::string_view text, SyntaxLimits limits = {}) {
  auto budget = limits.directives;
  const auto parsed = parse_keepalived(text, "k.conf", limits, budget);
  return parsed ? shape(*parsed) : "!" + parsed.error();
}

TEST_CASE("Lines, blocks, comments, quotations and parameters are read", "[vrrp][import]") {
  struct Case {
    const char* text;
    const char* shape;
  };
  const auto c = GENERATE(values<Case>({
      {"", ""},
      {"a b c\nd\n", "a(b|c);d"},
      {"a b {\n c d\n}\n", "a(b){c(d)}"},
      {"a b\n{\n c d\n}\n", "a(b){c(d)}"},
      {"a b\n # there\n\n{\n c d }\n", "a(b){c(d)}"},
      {"a { b c }", "a{b(c)}"},
      {"a{\nb\n}\n", "a{b}"},
      {"a b # c\n! d\nx ! y\n", "a(b);x"},
      {"script \"/bin/x  -a '#1'\" 2\n", "script(/bin/x  -a '#1'|2)"},
      {"a \"b \\\" c\"\n", "a(b \" c)"},
      {"$IF=eth0\ninterface $IF ${IF}.1 $NO\n", "interface(eth0|eth0.1|$NO)"},
      {"$P=a b\nx $P\n", "x(a b)"},
      {"a }\n", "!k.conf:1: a } too many"},
      {"a {\n b\n", "!k.conf:3: a block is not closed"},
      {"{\n}\n", "!k.conf:1: a block has no name"},
      {"a \"b\n", "!k.conf:1: a quotation is not closed"},
  }));
  CHECK(parse(c.text) == c.shape);
}

TEST_CASE("What is too much of a foreign file is refused", "[vrrp][import]") {
  CHECK(parse("a b\n", {.word = 0}) == "!k.conf:1: a word is too long");
  CHECK(parse("a\nb\nc\n", {.directives = 2}) == "!k.conf:3: there are too many directives");
  CHECK(parse("a { b { c { d } } }", {.depth = 2}) ==
        "!k.conf:1: blocks stand too deep in each other");
  CHECK(parse("$A=0123456789\n$B=$A$A$A\n$C=$B$B$B\nx $C$C\n", {.word = 64}) ==
        "!k.conf:3: a word is too long");
}

TEST_CASE("Files stand in the place of their include, from the folder they are named in",
          "[vrrp][import]") {
  const std::map<std::string, std::string> disk{{"/etc/k.conf", "a\ninclude d/*.conf\nz\n"},
                                                {"/etc/d/1.conf", "include two\n"},
                                                {"/etc/d/two", "b\n"}};
  const Files files{[&](const std::string& path, std::size_t) -> std::optional<std::string> {
                      const auto found = disk.find(path);
                      return found == disk.end() ? std::nullopt : std::optional{found->second};
                    },
                    [](const std::string&) { return std::vector<std::string>{"/etc/d/1.conf"}; }};
  const auto loaded = load_keepalived("/etc/k.conf", files);
  REQUIRE(loaded.has_value());
  CHECK(shape(*loaded) == "a;b;z");
  CHECK(load_keepalived("/etc/none", files).error() ==
        "/etc/none: it cannot be read, or is too large");
}

}  // namespace
}  // namespace vrrp::import
