import { runsArguments } from '../../model/operation.js';
import type { PartRequest } from './session.js';
import { environmentSheet, plainLine, sheetStatements, stageBytes } from './wire.js';

/** The kernel takes no single argument or variable of more bytes. */
const wordLimit = 131_071;
/** Names that a shell will not set, or that the runner needs for itself. */
const reserved =
  /^(?:belay_.*|BELAY_(?:TASK|PRE|PRE_IMAGE|ATTEMPT|SAVE|MARK)|_|UID|EUID|PPID|SHELLOPTS|BASHOPTS|BASH_VERSINFO)$/;

/** Why a request cannot be carried to the host byte for byte; undefined where it can. */
export function unsendable(request: PartRequest): string | undefined {
  const { environment, arguments: values } = request.script;
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `\`${name}\` is no name for an environment variable`;
    if (reserved.test(name)) return `the environment variable ${name} is kept for the shell or for Belay`;
    const fault = faultOf(value, name.length + 1);
    if (fault) return `the environment variable ${name} ${fault}`;
  }
  const bad = values.map((value) => faultOf(value, 0)).findIndex((fault) => fault !== undefined);
  return bad < 0 ? undefined : `argument ${bad + 1} ${faultOf(values[bad] ?? '', 0) ?? ''}`;
}

function faultOf(value: string, more: number): string | undefined {
  if (value.includes('\0')) return 'holds a NUL byte, which no process can be given';
  if (/\p{Surrogate}/u.test(value)) return 'holds half a character (a lone surrogate)';
  return Buffer.byteLength(value) + more > wordLimit ? `is longer than ${wordLimit} bytes` : undefined;
}

/** Whether a program can be started as it is: no file has to be made for a script, no shell to be started. */
function direct(script: PartRequest['script']): boolean {
  return script.text === runsArguments && script.arguments.length > 0;
}

/** What the runner tells every script that is not told otherwise; a shell reads each byte of a message by itself. */
const usual: Readonly<Record<string, string>> = {
  BELAY_STDIN_SHA256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  BELAY_RESTART_OWED: '0',
};

/** Environment and arguments; a secret stays out of the runner's own memory. */
function sheetMessages({ environment, arguments: values, secret }: PartRequest['script']): Uint8Array[] {
  const told = Object.fromEntries(Object.entries(environment).filter(([name, value]) => usual[name] !== value));
  const statements = sheetStatements(told, values);
  const line = secret ? undefined : plainLine(statements);
  if (line === undefined) return stageBytes('environment', environmentSheet(statements));
  return line === '' ? [] : [Buffer.from(`words ${line}\n`)];
}

/** All messages that start one part, to be sent in one piece: header, script, environment, stdin, word of command. */
export function startMessages(number: number, request: PartRequest, now: Date): Uint8Array[] {
  const { script } = request;
  const header = [
    number,
    request.task,
    request.part,
    request.attempt,
    request.holder,
    script.refusal ?? '-',
    Math.max(1, Math.ceil(request.seconds)),
    request.outputLimit,
    script.secret ? 1 : 0,
    script.stdin.length > 0 ? 1 : 0,
    now.toISOString(),
    direct(script) ? 1 : 0,
    request.fresh === true ? 1 : 0,
    request.printsLine === true ? 1 : 0,
  ];
  return [
    Buffer.from(`stage ${header.join(' ')}\n`),
    ...(direct(script) ? [] : stageBytes('script', Buffer.from(script.text, 'utf8'))),
    ...sheetMessages(script),
    ...stageBytes('stdin', script.stdin),
    Buffer.from('start\n'),
  ];
}
