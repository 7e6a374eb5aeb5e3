/** The files that lie beside a runbook, by their path relative to its folder, and which of them were read. */
export interface Beside {
  readonly read: (path: string) => Uint8Array | undefined;
  readonly used: ReadonlyMap<string, Uint8Array>;
}

/** Reads only below the runbook's own folder: no absolute paths, no `..`, no backslashes. */
export function filesBeside(files: ReadonlyMap<string, Uint8Array>, runbook: string): Beside {
  const folder = runbook.slice(0, runbook.lastIndexOf('/') + 1);
  const used = new Map<string, Uint8Array>();
  const read = (path: string): Uint8Array | undefined => {
    const name = plainPath(path);
    const bytes = name === undefined ? undefined : files.get(folder + name);
    if (name !== undefined && bytes !== undefined) used.set(name, bytes);
    return bytes;
  };
  return { read, used };
}

/** A relative path without detours; undefined where it could lead elsewhere. */
export function plainPath(path: string): string | undefined {
  const parts = path.replace(/^(?:\.\/)+/, '').split('/');
  const leads = parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part));
  return leads ? undefined : parts.join('/');
}
