#include "lb/ctl/arguments.hpp"

namespace lb::ctl {
namespace {

constexpr std::string_view kOptions =
    "--socket --url --token-file --ca-file --certificate --key --json --help --wait --interval "
    "--config --name --weight --tier "
    "--backup --max-connections --most --names";
/// Endpoints as lbd has them now; silent when it is not there.
constexpr std::string_view kEndpoints = "lbctl upstreams --names 2>/dev/null";

std::string names() {
  std::string out;
  for (const auto& command : commands()) {
    if (!out.empty()) out += ' ';
    out += command.name;
  }
  return out;
}

std::string bash() {
  return "_lbctl() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
         "  # A colon parts words for bash, but belongs to the name of an endpoint.\n"
         "  declare -F _get_comp_words_by_ref >/dev/null && _get_comp_words_by_ref -n : -c word\n"
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
         "      log-level) COMPREPLY=($(compgen -W 'debug info warn error' -- \"$word\")) ;;\n"
         "      completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")) ;;\n"
         "      help) COMPREPLY=($(compgen -W '" +
         names() +
         "' -- \"$word\")) ;;\n"
         "      import) if ((COMP_CWORD == 2)); then COMPREPLY=(nginx);\n"
         "        else COMPREPLY=($(compgen -f -- \"$word\")); fi ;;\n"
         "      check|settings) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "      drain|undrain|weight|remove)\n"
         "        COMPREPLY=($(compgen -W \"$(" +
         std::string{kEndpoints} +
         ")\" -- \"$word\"))\n"
         "        declare -F __ltrim_colon_completions >/dev/null &&\n"
         "          __ltrim_colon_completions \"$word\" ;;\n"
         "    esac\n"
         "  fi\n"
         "}\n"
         "complete -F _lbctl lbctl\n";
}

std::string zsh() {
  std::string out = "#compdef lbctl\n_lbctl() {\n  local -a commands=(\n";
  for (const auto& command : commands())
    out += "    '" + std::string{command.name} + ':' + std::string{command.purpose} + "'\n";
  return out +
         "  )\n"
         "  if [[ $PREFIX == -* ]]; then compadd -- " +
         std::string{kOptions} +
         "; return; fi\n"
         "  if ((CURRENT == 2)); then _describe command commands; return; fi\n"
         "  case $words[2] in\n"
         "    log-level) compadd debug info warn error ;;\n"
         "    completion) compadd bash zsh fish ;;\n"
         "    help) _describe command commands ;;\n"
         "    import) if ((CURRENT == 3)); then compadd nginx; else _files; fi ;;\n"
         "    check|settings) _files ;;\n"
         "    drain|undrain|weight|remove) compadd -- ${(f)\"$(" +
         std::string{kEndpoints} +
         ")\"} ;;\n"
         "  esac\n"
         "}\n"
         "# Read by fpath this file is the function itself; sourced it tells whose completion it "
         "is.\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _lbctl \"$@\"; "
         "else compdef _lbctl lbctl; fi\n";
}

std::string fish() {
  std::string out = "complete -c lbctl -f\n";
  for (const auto& command : commands())
    out += "complete -c lbctl -n __fish_use_subcommand -a " + std::string{command.name} + " -d '" +
           std::string{command.purpose} + "'\n";
  return out +
         "complete -c lbctl -n '__fish_seen_subcommand_from log-level' -a 'debug info warn error'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from import' -a nginx\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from drain undrain weight remove' -a '(" +
         std::string{kEndpoints} +
         ")'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from check settings import' -F\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from top' -l interval -x -d 'between two "
         "looks'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from drain' -l wait -x -d 'until nothing is "
         "in flight'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from upstreams' -l names -d 'one a line'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from add' -l name -x -d 'what it is "
         "called'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from add' -l weight -x -d '0 to 10000'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from add' -l tier -x -d 'of priority'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from add' -l backup -d 'when others have "
         "failed'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from add' -l max-connections -x -d "
         "'requests at a time'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from sessions' -l most -x -d 'of them in "
         "full'\n"
         "complete -c lbctl -n '__fish_seen_subcommand_from check settings' -l config -r -F -d "
         "'the same as FILE'\n"
         "complete -c lbctl -l help -d 'this, or more about a command'\n"
         "complete -c lbctl -l json -d 'answers as JSON'\n"
         "complete -c lbctl -l socket -r -d 'admin socket'\n"
         "complete -c lbctl -l url -x -d 'admin address'\n"
         "complete -c lbctl -l token-file -r -d 'token for changes'\n"
         "complete -c lbctl -l ca-file -r -d 'who may have signed its certificate'\n"
         "complete -c lbctl -l certificate -r -d 'to be shown to lbd'\n"
         "complete -c lbctl -l key -r -d 'of that certificate'\n";
}

}  // namespace

std::optional<std::string> completion(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::nullopt;
}

}  // namespace lb::ctl
