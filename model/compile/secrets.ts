import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { PlannedSecret } from '../plan.js';
import type { Runbook } from '../runbook/runbook.js';
import type { DeclaredSecret } from '../runbook/secret.js';

/** The newest version of a stored secret; undefined where none is stored. */
export type SecretVersion = (name: string) => number | undefined;

/** Where each declared secret comes from, stored ones pinned to the version that is there now. */
export function planSecrets(
  declared: Runbook['secrets'],
  secretVersion: SecretVersion,
  document: SourceDocument,
): { readonly secrets: Record<string, PlannedSecret>; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const secrets: Record<string, PlannedSecret> = {};
  for (const [name, secret] of Object.entries(declared)) {
    const planned = planSecret(name, secret, secretVersion);
    if (planned !== undefined) secrets[name] = planned;
    else
      findings.push(
        document.atKey(
          ['secrets', name],
          `no secret "${secret.stored ?? name}" is stored`,
          `belay secret ${secret.generate === undefined ? 'set' : 'generate'} ${secret.stored ?? name}`,
        ),
      );
  }
  return { secrets, findings };
}

function planSecret(name: string, secret: DeclaredSecret, secretVersion: SecretVersion): PlannedSecret | undefined {
  if (secret.generate !== undefined && secret.stored === undefined) return { generate: secret.generate };
  if (secret.certificate_authority !== undefined) return { certificate_authority: secret.certificate_authority };
  const stored = secret.stored ?? name;
  const version = secretVersion(stored);
  return version === undefined ? undefined : { stored, version };
}
