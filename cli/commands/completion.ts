import type { Command } from 'commander';
import { createUi } from '../ui.ts';

/** The words that can follow a command: `users import` -> its options. */
type Words = ReadonlyMap<string, readonly string[]>;

/** `rollcall completion SHELL`. */
export async function printCompletion(program: Command, shell: string): Promise<void> {
  const words = collect(program);
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  await createUi({}).write(scripts[shell as keyof typeof scripts](words));
}

function collect(command: Command, path = '', words = new Map<string, readonly string[]>()): Words {
  const { commands, options } = command;
  words.set(
    path,
    [...commands.map((child) => child.name()), ...options.map(({ long }) => long ?? ''), '--help'].filter(Boolean),
  );
  for (const child of commands) collect(child, `${path} ${child.name()}`.trim(), words);
  return words;
}

/** Shell code that finds the command among the words typed so far: the longest path that is one. */
function cases(words: Words, indent: string): string {
  return [...words].map(([path, following]) => `${indent}'${path}') found='${following.join(' ')}' ;;`).join('\n');
}

function bashScript(words: Words): string {
  return `# rollcall completion bash
_rollcall() {
  local path='' found='' word at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in -*) continue ;; esac
    case "\${path:+$path }$word" in
${pathCases(words)} path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases(words, '    ')}
  esac
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _rollcall rollcall
`;
}

function pathCases(words: Words): string {
  const paths = [...words.keys()].filter((path) => path !== '');
  return `      ${paths.map((path) => `'${path}'`).join(' | ')})`;
}

function zshScript(words: Words): string {
  return `#compdef rollcall
_rollcall() {
  local path_typed='' found='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) continue ;; esac
    case "\${path_typed:+$path_typed }$word" in
${pathCases(words)} path_typed="\${path_typed:+$path_typed }$word" ;;
    esac
  done
  case "$path_typed" in
${cases(words, '    ')}
  esac
  compadd -- \${=found}
  _files
}
compdef _rollcall rollcall
`;
}

function fishScript(words: Words): string {
  const lines = [...words].flatMap(([path, following]) => {
    const children = following.filter((word) => !word.startsWith('-'));
    const seen = path
      .split(' ')
      .filter(Boolean)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const unseen = children.length > 0 ? [`not __fish_seen_subcommand_from ${children.join(' ')}`] : [];
    const condition = [...seen, ...unseen].join('; and ');
    const when = condition === '' ? '' : ` -n '${condition}'`;
    const options = following
      .filter((word) => word.startsWith('--'))
      .map((word) => `complete -c rollcall${when} -l ${word.slice(2)}`);
    return [...(children.length > 0 ? [`complete -c rollcall -f${when} -a '${children.join(' ')}'`] : []), ...options];
  });
  return `# rollcall completion fish\n${lines.join('\n')}\n`;
}
