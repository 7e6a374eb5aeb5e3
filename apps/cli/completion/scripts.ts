// cspell:ignore compdef compinit compadd
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The line by which `belay complete` says that the shell may offer files. */
export const filesMark = ':files';

/**
 * For each shell, what makes it complete `belay`. The words are found by the program that was typed, so that they
 * are those of its version; nothing in them is evaluated.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# Completes belay in bash; put this into your .bashrc: eval "$(belay completion bash)"
_belay() {
  local word current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r word; do
    if [ "$word" = ${filesMark} ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("$word")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _belay belay ./belay
`,
  zsh: `#compdef belay
# Completes belay in zsh; put this into your .zshrc, after compinit: eval "$(belay completion zsh)"
_belay() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( \${found[(Ie)${filesMark}]} )); then
    _files
    found=("\${(@)found:#${filesMark}}")
  fi
  found=("\${(@)found:#}")
  compadd -a found
}
compdef _belay belay
`,
  fish: `# Completes belay in fish; put this into ~/.config/fish/completions/belay.fish: belay completion fish
function __belay_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  for word in ($typed[1] complete -- $typed[2..-1] "$current" 2>/dev/null)
    if test "$word" = ${filesMark}
      __fish_complete_path "$current"
    else
      echo $word
    end
  end
end
complete -c belay -f -a '(__belay_complete)'
`,
};
