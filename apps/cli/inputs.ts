import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { SourceDocument } from '../../model/document/document.js';
import { readDocument } from '../../model/document/read.js';
import { formatFinding, type Finding } from '../../model/finding.js';
import { exitCodes } from './exit-codes.js';
import { Stop, usage } from './stop.js';
import { visible } from './visible.js';
import type { World } from './world.js';

/** What was typed for one parameter; several texts where it was given several times. */
type Typed = string | readonly string[];

/** The options by which inputs are given. */
export interface InputOptions {
  readonly input?: Readonly<Record<string, Typed>>;
  readonly inputs?: string;
}

/** Values for parameters, and where they were written. */
export interface Inputs {
  readonly values: Readonly<Record<string, unknown>>;
  /** A finding in an input, at its place in the file that it came from. */
  place(finding: Finding): Finding;
}

/** Adds the options by which inputs are given. */
export function withInputOptions(command: Command): Command {
  return command
    .option(
      '-p, --input <name=value>',
      'a value for one of the runbook’s parameters; for a list repeat it, or give JSON',
      collectInput,
    )
    .option('--inputs <file>', 'values for parameters, by name, in a YAML or JSON file; --input goes before it');
}

/** Collects `--input name=value`. Values stay text; the runbook's own declaration types them. */
export function collectInput(word: string, before: Readonly<Record<string, Typed>> = {}): Record<string, Typed> {
  const equals = word.indexOf('=');
  const name = word.slice(0, Math.max(0, equals));
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new InvalidArgumentError('It must look like name=value.');
  const value = word.slice(equals + 1);
  const earlier = Object.hasOwn(before, name) ? before[name] : undefined;
  return { ...before, [name]: earlier === undefined ? value : [earlier, value].flat() };
}

/**
 * The inputs of a plan, from options and file.
 *
 * @throws Stop where the file cannot be read, or is no mapping
 */
export async function readInputs(world: World, options: InputOptions): Promise<Inputs> {
  const typed = options.input ?? {};
  if (options.inputs === undefined) return givenInputs(typed);
  const document = await inputsDocument(world, options.inputs);
  return {
    values: { ...(document.value as Record<string, unknown>), ...typed },
    place: (finding) => placed(finding, document, typed),
  };
}

/** Inputs that stand in no file. */
export function givenInputs(values: Readonly<Record<string, unknown>>): Inputs {
  return { values, place: (finding) => finding };
}

async function inputsDocument(world: World, file: string): Promise<SourceDocument> {
  const bytes = await readFile(resolve(world.folder, file)).catch((error: NodeJS.ErrnoException) => {
    throw usage(`${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : String(error.code)}`);
  });
  const { document, findings } = readDocument(file, bytes);
  if (document === undefined) {
    world.err.write(findings.map((finding) => `${visible(formatFinding(finding))}\n`).join(''));
    throw new Stop(`${file} cannot be read as inputs`, exitCodes.findings);
  }
  if (typeof document.value === 'object' && document.value !== null && !Array.isArray(document.value)) return document;
  throw new Stop(`${file} must be a mapping of names to values`, exitCodes.findings);
}

/** A pointer into the inputs, as a place in their file; those that were typed have none. */
function placed(finding: Finding, document: SourceDocument, typed: Readonly<Record<string, Typed>>): Finding {
  if (finding.line !== 0 || !finding.file.startsWith('/inputs/')) return finding;
  const path = finding.file
    .split('/')
    .slice(2)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [name = ''] = path;
  const values = document.value as Record<string, unknown>;
  if (Object.hasOwn(typed, name) || !Object.hasOwn(values, name)) return finding;
  const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  return { ...document.at(steps, finding.problem, finding.advice), severity: finding.severity };
}

/** A whole number of at least 1. */
export function positive(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
