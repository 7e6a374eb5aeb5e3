import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanAnswer } from '../../model/answers.js';
import type { Belay } from '../end-to-end/belay.js';

/** Plans a runbook of a test's own, which may call Gluu's fragments as `parts/NAME.yaml`. */
export async function planOwn(belay: Belay, text: string): Promise<PlanAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-own-'));
  try {
    cpSync('runbooks/gluu/parts', join(folder, 'parts'), { recursive: true });
    writeFileSync(join(folder, 'own.yaml'), text);
    return await belay.plan(join(folder, 'own.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
