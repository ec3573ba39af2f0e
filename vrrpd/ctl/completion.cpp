#include "vrrpd/ctl/arguments.hpp"

namespace vrrp::ctl {
namespace {

constexpr std::string_view kOptions =
    "--socket --url --token-file --json --help --wait --stay --interval";

std::string names() {
  std::string out;
  for (const auto& command : commands()) {
    if (!out.empty()) out += ' ';
    out += command.name;
  }
  return out;
}

std::string bash() {
  return "_vrrpctl() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
         "  COMPREPLY=()\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W '" +
         std::string{kOptions} +
         "' -- \"$word\"))\n"
         "  elif ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W '" +
         names() +
         "' -- \"$word\"))\n"
         "  else\n"
         "    case $command in\n"
         "      maintenance) COMPREPLY=($(compgen -W 'on off' -- \"$word\")) ;;\n"
         "      completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")) ;;\n"
         "      help) COMPREPLY=($(compgen -W '" +
         names() +
         "' -- \"$word\")) ;;\n"
         "      import) if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W keepalived -- "
         "\"$word\")); "
         "else COMPREPLY=($(compgen -f -- \"$word\")); fi ;;\n"
         "      check) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "    esac\n"
         "  fi\n"
         "}\n"
         "complete -F _vrrpctl vrrpctl\n";
}

std::string zsh() {
  std::string out = "#compdef vrrpctl\n_vrrpctl() {\n  local -a commands=(\n";
  for (const auto& command : commands())
    out += "    '" + std::string{command.name} + ':' + std::string{command.purpose} + "'\n";
  return out +
         "  )\n"
         "  if [[ $PREFIX == -* ]]; then compadd -- " +
         std::string{kOptions} +
         "; return; fi\n"
         "  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
         "  case $words[2] in\n"
         "    maintenance) compadd on off ;;\n"
         "    completion) compadd bash zsh fish ;;\n"
         "    help) _describe command commands ;;\n"
         "    import) ((CURRENT == 3)) && compadd keepalived || _files ;;\n"
         "    check) _files ;;\n"
         "  esac\n"
         "}\n"
         "# Read by fpath this file is the function itself; sourced it tells whose completion it "
         "is.\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _vrrpctl \"$@\"; "
         "else compdef _vrrpctl vrrpctl; fi\n";
}

std::string fish() {
  std::string out = "complete -c vrrpctl -f\n";
  for (const auto& command : commands())
    out += "complete -c vrrpctl -n __fish_use_subcommand -a " + std::string{command.name} +
           " -d '" + std::string{command.purpose} + "'\n";
  return out +
         "complete -c vrrpctl -n '__fish_seen_subcommand_from maintenance' -a 'on off'\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from import' -F -a keepalived\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from check' -F\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from drill' -l stay -x -d 'with the "
         "peer'\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from drill maintenance' -l wait -x -d "
         "'for "
         "each move'\n"
         "complete -c vrrpctl -n '__fish_seen_subcommand_from watch' -l interval -x -d 'between "
         "two "
         "looks'\n"
         "complete -c vrrpctl -l help -d 'this, or more about a command'\n"
         "complete -c vrrpctl -l json -d 'answers as JSON'\n"
         "complete -c vrrpctl -l socket -r -d 'admin socket'\n"
         "complete -c vrrpctl -l url -x -d 'admin address'\n"
         "complete -c vrrpctl -l token-file -r -d 'token for changes over TCP'\n";
}

}  // namespace

std::optional<std::string> completion(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::nullopt;
}

}  // namespace vrrp::ctl
