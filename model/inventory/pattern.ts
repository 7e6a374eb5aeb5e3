import { didYouMean } from '../did-you-mean.js';
import type { TextMistake } from '../expression/template.js';

/** What the names in a pattern can stand for. */
export interface Choice {
  readonly hosts: readonly string[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

const term = /^([!&]?)([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[(\d{1,6})(:?)\])?$/;

/** One part of a pattern, between its colons. */
export interface Term {
  readonly sign: '' | '!' | '&';
  readonly name: string;
  /** `[n]`: only that one, counted from 0. `[n:]`: that one and all after it. */
  readonly from?: number;
  readonly rest: boolean;
  readonly offset: number;
}

/** Reads a pattern such as `nodes:!node2`: parts from left to right, `!` takes away, `&` keeps what is in both. */
export function parsePattern(pattern: string): { readonly terms: readonly Term[] } | { readonly mistake: TextMistake } {
  const terms: Term[] = [];
  let offset = 0;
  // A colon inside brackets belongs to them.
  for (const part of pattern.split(/:(?![^[]*\])/)) {
    const match = term.exec(part);
    if (match === null)
      return {
        mistake: {
          offset,
          problem: `"${part}" is no part of a host pattern`,
          advice: 'write names joined by ":", such as "nodes", "nodes:!node2", "nodes:&prod", "nodes[0]", "nodes[1:]"',
        },
      };
    const [, sign = '', name = '', from, colon] = match;
    terms.push({
      sign: sign as Term['sign'],
      name,
      offset: offset + sign.length,
      rest: colon === ':',
      ...(from !== undefined && { from: Number(from) }),
    });
    offset += part.length + 1;
  }
  if (terms[0]?.sign !== '')
    return {
      mistake: { offset: 0, problem: 'a pattern begins with the hosts to take from', advice: `write "all:${pattern}"` },
    };
  return { terms };
}

/** The hosts that a pattern stands for, each once, in the order of the inventory's lists. */
export function selectHosts(
  pattern: string,
  choice: Choice,
): { readonly hosts: readonly string[] } | { readonly mistake: TextMistake } {
  const parsed = parsePattern(pattern);
  if ('mistake' in parsed) return parsed;
  let chosen: readonly string[] = [];
  for (const part of parsed.terms) {
    const named = hostsOf(part.name, choice);
    if (named === undefined) return { mistake: unknownName(part, choice) };
    const hosts =
      part.from === undefined ? named : part.rest ? named.slice(part.from) : named.slice(part.from, part.from + 1);
    if (part.from !== undefined && hosts.length === 0)
      return {
        mistake: {
          offset: part.offset,
          problem: `"${part.name}" has ${named.length} hosts, counted from 0`,
          advice: 'choose a smaller number',
        },
      };
    chosen = combine(chosen, part.sign, hosts);
  }
  return { hosts: chosen };
}

/** A group's hosts, or one host; a group comes first where both have the name. */
function hostsOf(name: string, { hosts, groups }: Choice): readonly string[] | undefined {
  if (name === 'all') return hosts;
  return groups.get(name) ?? (hosts.includes(name) ? [name] : undefined);
}

function unknownName({ name, offset }: Term, { hosts, groups }: Choice): TextMistake {
  return {
    offset,
    problem: `there is no host or group "${name}"`,
    advice: didYouMean(name, [...groups.keys(), ...hosts]),
  };
}

function combine(chosen: readonly string[], sign: Term['sign'], hosts: readonly string[]): readonly string[] {
  if (sign === '!') return chosen.filter((host) => !hosts.includes(host));
  if (sign === '&') return chosen.filter((host) => hosts.includes(host));
  return [...new Set([...chosen, ...hosts])];
}
