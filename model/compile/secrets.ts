import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { PlannedSecret } from '../plan.js';
import type { Runbook } from '../runbook/runbook.js';
import type { DeclaredSecret } from '../runbook/secret.js';

/** The current version of a stored secret; undefined where none is stored. */
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
        document.atKey(['secrets', name], `no secret "${secret.stored ?? name}" is stored`, storing(name, secret)),
      );
  }
  return { secrets, findings };
}

function planSecret(name: string, secret: DeclaredSecret, secretVersion: SecretVersion): PlannedSecret | undefined {
  const { generate, certificate_authority: authority } = secret;
  if (secret.stored === undefined && generate !== undefined) return { generate };
  if (secret.stored === undefined && authority !== undefined) return { certificate_authority: authority };
  const stored = secret.stored ?? name;
  const version = secretVersion(stored);
  if (version !== undefined && secret.next !== undefined) {
    const next = { stored, after: version };
    if (generate !== undefined) return { generate, next };
    if (authority !== undefined) return { certificate_authority: authority, next };
  }
  return version === undefined ? undefined : { stored, version, ...(authority !== undefined && { authority: true }) };
}

/** What stores a secret that is not there. */
function storing(name: string, { stored, generate, certificate_authority: authority }: DeclaredSecret): string {
  if (authority !== undefined) return `belay secret generate ${stored ?? name} --authority "${authority.name}"`;
  return `belay secret ${generate === undefined ? 'set' : 'generate'} ${stored ?? name}`;
}
