import { setCron, type CronRules } from './cron-job.js';
import { setHosts, type HostsRules } from './hosts.js';
import { setIni, type IniRules } from './ini.js';
import { setJson } from './json.js';
import { setLines, type LineRules } from './lines.js';
import { setProperties } from './properties.js';
import type { KeyRules } from './key-rules.js';
import { timerUnits, type TimerRules } from './timer.js';
import type { TreeRules } from './tree-rules.js';
import { setWords } from './words.js';
import { setYaml } from './yaml.js';

/** The arguments of a transform once every hole is filled. */
export type ResolvedArguments = { readonly [name: string]: unknown };

/**
 * What the worker puts between capture and do: new content from what was there. The arguments have the shape that
 * the step kind of the same name compiled, with every text filled.
 * @throws Error whose message says, without any value, why the content cannot be edited so
 */
export function applyTransform(name: string, content: Uint8Array, args: ResolvedArguments): Uint8Array {
  const transform = pure[name];
  if (!transform) throw new Error(`there is no transform called ${name}`);
  return transform(content, args);
}

const pure: Readonly<Record<string, (content: Uint8Array, args: ResolvedArguments) => Uint8Array>> = {
  words: (content, args) => setWords(content, args as unknown as KeyRules),
  properties: (content, args) => setProperties(content, args as unknown as KeyRules),
  lines: (content, args) => setLines(content, args as unknown as LineRules),
  ini: (content, args) => setIni(content, args as unknown as IniRules),
  hosts: (content, args) => setHosts(content, args as unknown as HostsRules),
  cron: (content, args) => setCron(content, args as unknown as CronRules),
  timer: (_, args) => timerUnits(args as unknown as TimerRules),
  json: (content, args) => setJson(content, args as unknown as TreeRules),
  yaml: (content, args) => setYaml(content, args as unknown as TreeRules),
};
