import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { mapping } from '../runbook/mapping.js';
import type { StepSite } from '../runbook/outline.js';
import type { StepKind } from '../steps/kind.js';
import { writtenArguments } from './written.js';

/** Whether a step says how it goes back where its kind does not know, and says nothing that contradicts itself. */
export function checkUndo(site: StepSite, kind: StepKind, document: SourceDocument): Finding[] {
  const onHost = (kind.on ?? 'host') === 'host';
  if (site.undoes !== undefined) return onHost && kind.alone !== true ? [] : [undoesElsewhere(site, kind, document)];
  const { undo, because, read_only } = site.raw;
  const going = kind.undoOf?.(writtenArguments(site, kind)) ?? kind.undo;
  const at = (key: string, problem: string, advice: string): Finding[] => [
    document.atKey([...site.path, key], problem, advice),
  ];
  if (undo === 'none' && because === undefined)
    return at('undo', 'this does not say why it cannot be undone', 'add "because" beside it');
  if (because !== undefined && undo !== 'none')
    return at(
      'because',
      '"because" gives the reason for "undo: none", which is not there',
      'take it out, or add "undo: none"',
    );
  if (read_only === true && undo !== undefined)
    return at('undo', 'what is read_only has nothing to undo', 'take out one of the two');
  if (read_only === true && going === 'restore')
    return at('read_only', `a step of the kind ${kind.kind} changes the host`, 'take out "read_only"');
  if (going === 'nothing' && undo !== undefined)
    return at('undo', `a step of the kind ${kind.kind} changes nothing that could be undone`, 'take it out');
  if (!onHost && typeof undo === 'object' && Object.hasOwn(mapping(undo), 'steps'))
    return at(
      'undo',
      'only what ran on a host goes back by steps',
      `say how it goes back inside "${kind.kind}", or "undo: none"`,
    );
  if (going !== 'author' || undo !== undefined || read_only === true) return [];
  return at(
    kind.kind,
    'this does not say how it goes back',
    onHost
      ? 'add "undo: { steps: […] }", "undo: { by: STEP }", or "undo: none" with "because", or "read_only: true"'
      : `say how inside "${kind.kind}", or add "undo: none" with "because", or "read_only: true"`,
  );
}

/** Undo carries out steps on hosts alone; another would be passed over. */
function undoesElsewhere(site: StepSite, kind: StepKind, document: SourceDocument): Finding {
  return document.atKey(
    [...site.path, kind.kind],
    kind.alone === true
      ? `a step of the kind ${kind.kind} cannot undo another`
      : `a step that undoes another runs on a host, and ${kind.kind} does not`,
    'make it a step of its own, which goes back by itself',
  );
}
