import { runsArguments } from '../../model/operation.js';
import type { PartRequest } from './session.js';
import { environmentSheet, stageBytes } from './wire.js';

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
  ];
  return [
    Buffer.from(`stage ${header.join(' ')}\n`),
    ...(direct(script) ? [] : stageBytes('script', Buffer.from(script.text, 'utf8'))),
    ...stageBytes('environment', environmentSheet(script.environment, script.arguments)),
    ...stageBytes('stdin', script.stdin),
    Buffer.from('start\n'),
  ];
}
