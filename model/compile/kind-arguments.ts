import type { Path } from '../document/document.js';
import { findingsOf, type Issue, type IssuePlace } from '../document/issues.js';
import type { Finding } from '../finding.js';
import { holdsSecret, type Template } from '../value.js';
import { hasExpression, opening, splitTemplate } from '../expression/template.js';
import { Unusable, type StepContext, type StepKind } from '../steps/kind.js';
import type { Operation } from '../operation.js';
import { templateAt } from './texts.js';
import type { Written } from './written.js';

/** What a kind makes of a step's arguments. */
export interface KindOutcome {
  readonly args?: unknown;
  readonly operation?: Operation;
  readonly findings: readonly Finding[];
}

/**
 * Validates arguments and, where all of them are known, compiles them.
 *
 * @param args - with templates in the place of texts that hold expressions
 * @param written - the same as it stands in the document
 * @param context - absent where there are mistakes in the arguments' texts: they are validated only
 */
export function compileKind(
  kind: StepKind,
  args: unknown,
  written: Written,
  context: StepContext | undefined,
): KindOutcome {
  const { document } = written;
  const place = issuePlace(kind, args, written);
  const parsed = kind.schema.safeParse(args, { reportInput: true });
  if (!parsed.success) return { findings: findingsOf(parsed.error, place) };
  if (context === undefined || holdsPlanHole(args)) return { args: parsed.data, findings: [] };
  try {
    return { args: parsed.data, operation: kind.compile(parsed.data, context), findings: [] };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const [problem = '', ...advice] = error.message.split('; ');
    return {
      args: parsed.data,
      findings: [document.at([...place.base, ...error.path], problem, advice.join('; '), place.within?.(error.path))],
    };
  }
}

function issuePlace(kind: StepKind, args: unknown, { args: written, base, document }: Written): IssuePlace {
  return {
    document,
    schema: kind.schema,
    base,
    unknown: (path, issue) => isUnknown(templateAt(args, path), issue),
    reword: (path, issue) => reworded(templateAt(args, path), issue),
    within: (path) => offsetOfHole(valueAt(written, path), templateAt(args, path)),
  };
}

/** Nothing is said against a value that inputs will decide; a secret in the wrong place is wrong whatever they are. */
function isUnknown(template: Template | undefined, issue: Issue): boolean {
  if (template === undefined || !holesOf(template).some(({ sees }) => sees === 'plan')) return false;
  return !(holdsSecret(template) && issue.code === 'custom');
}

function reworded(template: Template | undefined, issue: Issue): [problem: string, advice: string] | undefined {
  const hole = template === undefined ? undefined : holesOf(template).find(({ sees }) => sees !== 'plan');
  if (hole === undefined || issue.code === 'custom') return undefined;
  const when = hole.sees === 'secret' ? 'a secret may not go here' : 'it is known only in the run';
  return [
    `this must be known when the plan is made: ${hole.expression} (${when})`,
    'use a constant, a parameter or a host value',
  ];
}

function holesOf({ template }: Template): Exclude<Template['template'][number], string>[] {
  return template.filter((piece) => typeof piece !== 'string');
}

/** True where something below `args` waits for inputs. */
function holdsPlanHole(args: unknown): boolean {
  if (typeof args !== 'object' || args === null) return false;
  if ('template' in args && Array.isArray(args.template))
    return holesOf(args as Template).some(({ sees }) => sees === 'plan');
  return Object.values(args).some(holdsPlanHole);
}

/** Where, in the text as written, the hole stands that a complaint is about: that of a secret, or the first. */
function offsetOfHole(written: unknown, template: Template | undefined): number | undefined {
  if (typeof written === 'string' && template === undefined && hasExpression(written)) return written.indexOf(opening);
  const holes = template === undefined ? [] : holesOf(template);
  const wanted = holes.find(({ sees }) => sees === 'secret') ?? holes[0];
  if (wanted === undefined || typeof written !== 'string') return undefined;
  const piece = splitTemplate(written).pieces.find(
    (one) => 'expression' in one && one.expression === wanted.expression,
  );
  return piece !== undefined && 'expression' in piece ? piece.offset : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, name) => (at as Record<string | number, unknown> | null | undefined)?.[name], value);
}
