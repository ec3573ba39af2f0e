#include "lb/import/site.hpp"
#include "lb/routing/pattern.hpp"

#include <algorithm>
#include <array>

// nginx: the exact path; else the longest prefix, then what is nested in it, then expressions in
// their order unless that prefix has `^~`. lbd: the exact path, expressions in their order, the
// longest prefix. So what nginx keeps from expressions stands before them as one itself, the
// longest first; what cannot be told so is closed.

namespace lb::import {
namespace {

bool is_expression(const Directive& location) {
  return location.name == "location" && location.arguments.size() > 1 &&
         location.argument(0).starts_with('~');
}

bool is_prefix(const Directive& location) {
  return location.name == "location" && !location.arguments.empty() && !is_expression(location) &&
         location.argument(0) != "=" && !location.argument(0).starts_with('@');
}

bool ends_search(const Directive& location) {
  return location.arguments.size() > 1 && location.argument(0) == "^~";
}

/// A location with those around it, the outermost first; itself the last.
using Chain = std::vector<const Directive*>;

/// The prefixes of a server.
void collect(const std::vector<Directive>& block, Chain& around, std::vector<Chain>& out) {
  for (const auto& one : block) {
    if (one.name != "location") continue;
    around.push_back(&one);
    if (is_prefix(one)) out.push_back(around);
    collect(one.block, around, out);
    around.pop_back();
  }
}

std::vector<Chain> prefixes_of(const std::vector<Directive>& server) {
  std::vector<Chain> all;
  Chain around;
  collect(server, around, all);
  return all;
}

/// `text` as an expression that it alone matches.
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view{"\\^$.|?*+()[]{}"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Whether a match must begin with one octet that `prefix` does not have: behind it, then.
bool begins_behind(std::string_view regex, std::string_view prefix) {
  if (regex.size() < 2 || regex[0] != '\\' || regex[1] != '.') return false;
  if (prefix.find('.') != prefix.npos) return false;
  if (regex.size() > 2 && std::string_view{"?*{|"}.find(regex[2]) != std::string_view::npos)
    return false;
  int depth = 0;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '\\') {
      ++i;
    } else if (regex[i] == '[' || (regex[i] == '|' && depth == 0)) {
      return false;
    } else {
      depth += regex[i] == '(' ? 1 : regex[i] == ')' ? -1 : 0;
    }
  }
  return true;
}

/// Whoever is kept out there must not come in elsewhere.
bool guards(const Directive& location) {
  constexpr std::array<std::string_view, 6> kGuards{"deny",   "auth_basic", "auth_request",
                                                    "return", "internal",   "limit_except"};
  return std::any_of(location.block.begin(), location.block.end(), [&](const Directive& one) {
    return std::find(kGuards.begin(), kGuards.end(), one.name) != kGuards.end() || guards(one);
  });
}

constexpr const char* kNestedInExpression =
    "it is nested in an expression; write it as one expression of the server";
constexpr const char* kNestedInPrefix =
    "lbd asks expressions for every path; write it in the server with its prefix, ^/prefix/.*";

Order order_of_expression(const Chain& chain, const std::vector<Chain>& prefixes) {
  const auto& location = *chain.back();
  const bool any_case = location.argument(0) == "~*";
  auto text = location.argument(1);
  Order out;
  if (chain.size() > 1) {
    const auto& parent = *chain[chain.size() - 2];
    const auto prefix = parent.arguments.back();
    for (const auto& other : prefixes) {
      const auto& text_there = other.back()->arguments.back();
      const bool inside = std::find(other.begin(), other.end(), &parent) != other.end();
      if (!inside && text_there.size() > prefix.size() && text_there.starts_with(prefix))
        return {.lost = kNestedInPrefix};
    }
    const bool confined = prefix == "/" || (!any_case && text.starts_with('^' + literal(prefix)) &&
                                            text.find('|') == text.npos);
    if (!confined && !begins_behind(text, prefix)) return {.lost = kNestedInPrefix};
    if (!confined)
      text = '^' + literal(prefix) + ".*" + (any_case ? "(?i:" : "(?:") + text + ')';
    else if (any_case)
      text = "(?i)" + text;
    out.rank = 2 * prefix.size() + 1;
  } else if (any_case) {
    text = "(?i)" + text;
  }
  if (const auto pattern = routing::Pattern::compile(text); !pattern)
    return {.lost = "RE2 has no such expression: " + pattern.error()};
  out.regex = std::move(text);
  for (const auto& nested : location.block)
    if (nested.name == "location" && guards(nested))
      out.closed = nested.where() + " would guard it: " + kNestedInExpression;
  return out;
}

/// The expressions around a prefix and in it: those that nginx asks before it comes there, and
/// those that it does not ask because of a `^~`.
struct Around {
  std::vector<Chain> own;
  std::vector<Chain> asked;
  std::vector<Chain> passed;
};

Around expressions_around(const Chain& chain, const std::vector<Directive>& server) {
  Around out;
  Chain around;
  const auto add = [&around](const std::vector<Directive>& block, std::vector<Chain>& to) {
    for (const auto& one : block) {
      if (!is_expression(one)) continue;
      to.push_back(around);
      to.back().push_back(&one);
    }
  };
  const auto* block = &server;
  for (const auto* location : chain) {
    add(*block, ends_search(*location) ? out.passed : out.asked);
    around.push_back(location);
    block = &location->block;
  }
  add(*block, out.own);
  return out;
}

/// Whether lbd would ask an expression for it that nginx does not.
bool stands_first(const Around& around, const std::vector<Chain>& prefixes) {
  return around.asked.empty() &&
         std::any_of(around.passed.begin(), around.passed.end(), [&](const Chain& one) {
           return order_of_expression(one, prefixes).lost.empty();
         });
}

Order order_of_prefix(const Chain& chain, const std::vector<Directive>& server,
                      const std::vector<Chain>& prefixes) {
  const auto& text = chain.back()->arguments.back();
  Order out;
  const auto around = expressions_around(chain, server);
  for (const auto* before : {&around.own, &around.asked})
    for (const auto& one : *before)
      if (const auto there = order_of_expression(one, prefixes);
          !there.lost.empty() && guards(*one.back()))
        out.closed = one.back()->where() + " would guard it: " + there.lost;
  bool first = stands_first(around, prefixes);
  for (const auto& other : prefixes) {
    const auto& shorter = other.back()->arguments.back();
    if (shorter.size() >= text.size() || !text.starts_with(shorter) ||
        !stands_first(expressions_around(other, server), prefixes))
      continue;
    first = true;
    if (!around.asked.empty() && out.closed.empty())
      out.closed = "expressions are asked before it, but not before " + other.back()->where() +
                   "; write both as expressions in the order you mean";
  }
  if (!first) return out;
  out.regex = '^' + literal(text);
  out.rank = 2 * text.size();
  return out;
}

}  // namespace

Order order_of(const Directive& location, const Scope& scope) {
  Chain chain;
  const auto* server = &scope;
  while (server->around != nullptr) {
    const auto& block = *server->around->block;
    const auto found = std::find_if(block.begin(), block.end(), [server](const Directive& one) {
      return &one.block == server->block;
    });
    if (found == block.end() || found->name != "location") break;
    chain.insert(chain.begin(), &*found);
    server = server->around;
  }
  if (chain.empty()) return {};
  if (std::any_of(chain.begin(), chain.end() - 1,
                  [](const auto* around) { return is_expression(*around); }))
    return {.lost = kNestedInExpression};
  if (is_expression(location)) return order_of_expression(chain, prefixes_of(*server->block));
  if (is_prefix(location))
    return order_of_prefix(chain, *server->block, prefixes_of(*server->block));
  return {};
}

}  // namespace lb::import
