// cspell:ignore compdef compinit compadd fpath funcstack
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
  local word current=\${COMP_WORDS[COMP_CWORD]} typed=()
  COMPREPLY=()
  # As the program would get them; by replacing alone, for to evaluate a word would carry out what stands in it.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    case $word in
      \\'*) word=\${word#\\'} word=\${word%\\'} ;;
      \\"*) word=\${word#\\"} word=\${word%\\"} ;;
      *) word=\${word//\\\\/} ;;
    esac
    typed+=("$word")
  done
  while IFS= read -r word; do
    if [ "$word" = ${filesMark} ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    else
      printf -v word %q "$word"
      COMPREPLY+=("$word")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${typed[@]}" 2>/dev/null)
}
complete -F _belay belay ./belay
`,
  zsh: `#compdef belay
# Completes belay in zsh; put this into your .zshrc, after compinit: eval "$(belay completion zsh)"
# Or save it as _belay in a folder of $fpath.
_belay() {
  local -a found typed
  # As the program would get them; the quote before the last one is still open.
  typed=("\${(@Q)words[2,CURRENT]}")
  typed[-1]=\${typed[-1]#[\\'\\"]}
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)typed}" 2>/dev/null)}")
  if (( \${found[(Ie)${filesMark}]} )); then
    _files
    found=("\${(@)found:#${filesMark}}")
  fi
  found=("\${(@)found:#}")
  compadd -a found
}
# From a folder of \$fpath this file is _belay itself.
if [ "\${funcstack[1]}" = _belay ]; then _belay; else compdef _belay belay; fi
`,
  fish: `# Completes belay in fish; put this into ~/.config/fish/completions/belay.fish: belay completion fish
function __belay_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  # As the program would get it; where that cannot be, a quote before it is still open.
  set -l asked (string unescape -- "$current"); or set asked (string replace -r '^[\\'"]' '' -- "$current")
  for word in ($typed[1] complete -- $typed[2..-1] "$asked" 2>/dev/null)
    if test "$word" = ${filesMark}
      __fish_complete_path "$asked"
    else
      printf '%s\\n' $word
    end
  end
end
complete -c belay -f -a '(__belay_complete)'
`,
};
