import { signCertificate } from '../../../activities/certificates/sign.js';
import type { Filler } from '../../../activities/ssh/needs.js';
import type { Transform, TransformArgument } from '../../../model/operation.js';
import { valueFrom } from '../../../model/holes.js';
import { applyTransform } from '../../../model/transforms/transforms.js';
import type { Text, Value } from '../../../model/value.js';

/** Computes what `do` will read from what capture saved. Signing is the one transform that is not pure. */
export async function transformContent(transform: Transform, content: Uint8Array, filler: Filler): Promise<Uint8Array> {
  const tree = transform.name === 'json' || transform.name === 'yaml';
  const args = filled(transform.arguments, filler, tree) as Readonly<Record<string, Value>>;
  return transform.name === 'certificate' ? sign(content, args) : applyTransform(transform.name, content, args);
}

/** The arguments with every hole filled; in a tree of values, each `value` in its own type. */
function filled(argument: TransformArgument | Transform['arguments'], filler: Filler, tree: boolean): Value {
  if (argument === null || typeof argument === 'number' || typeof argument === 'boolean') return argument;
  if (typeof argument === 'string') return argument;
  if (Array.isArray(argument)) return argument.map((one: TransformArgument) => filled(one, filler, tree));
  if ('template' in argument) return filler.fill(argument as Text).value;
  return Object.fromEntries(
    Object.entries(argument).map(([name, one]: [string, TransformArgument]) => [
      name,
      tree && name === 'value' ? valueFrom(one as Text, filler) : filled(one, filler, tree),
    ]),
  );
}

/** @param content - the certificate request that the host made, PEM */
async function sign(content: Uint8Array, args: Readonly<Record<string, Value>>): Promise<Uint8Array> {
  const authority = { certificate: String(args['authority_certificate']), key: String(args['authority_key']) };
  const names = Array.isArray(args['names']) ? args['names'].map(String) : [];
  const certificate = await signCertificate(Buffer.from(content).toString('utf8'), authority, {
    names,
    days: Number(args['days']),
    now: new Date(),
  });
  return Buffer.from(certificate, 'utf8');
}
