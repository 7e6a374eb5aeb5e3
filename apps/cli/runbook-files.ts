import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { projectFolder } from './folders.js';
import { Stop, usage } from './stop.js';

/** Bounds on what lies beside a runbook, so that a folder named by mistake is not read whole. */
const most = { files: 2_000, bytes: 16 * 1024 * 1024 };

/** A runbook, its inventory and all that lies beside it, read. */
export interface RunbookFiles {
  /** By path below the runbook's folder; an inventory from elsewhere is `../…`-free too, under `inventory/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly runbook: string;
  readonly inventory?: string;
  /** The path as the person would type it, from a name in `files`. */
  shown(name: string): string;
}

/**
 * Reads a runbook: a folder with a `runbook.yaml`, a file, or the name of one that Belay ships (`gluu/cluster`).
 *
 * @throws Stop (usage) that names the path which is not there, or is too much
 */
export async function readRunbook(folder: string, runbook: string, inventory?: string): Promise<RunbookFiles> {
  const file = await runbookFile(resolve(folder, runbook), runbook);
  const home = dirname(file);
  const files = await readFolder(home);
  const shownAs = new Map<string, string>();
  let inventoryName: string | undefined;
  if (inventory !== undefined) {
    const path = resolve(folder, inventory);
    inventoryName = nameBeside(home, path);
    while (inventoryName.startsWith('inventory/') && files.has(inventoryName))
      inventoryName = `inventory/of-${inventoryName.slice(10)}`;
    files.set(inventoryName, await readOne(path, inventory));
    shownAs.set(inventoryName, path);
  }
  return {
    files,
    runbook: nameBeside(home, file),
    ...(inventoryName !== undefined && { inventory: inventoryName }),
    shown: (name) => relative(folder, shownAs.get(name) ?? join(home, name)) || name,
  };
}

async function runbookFile(path: string, typed: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return shippedRunbook(typed);
  if (!found.isDirectory()) return path;
  const inside = join(path, 'runbook.yaml');
  if (!(await isFile(inside))) throw usage(`the folder ${typed} has no runbook.yaml`);
  return inside;
}

async function shippedRunbook(name: string): Promise<string> {
  if (/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/.test(name)) {
    const shipped = join(projectFolder(), 'runbooks', name);
    for (const file of [join(shipped, 'runbook.yaml'), `${shipped}.yaml`]) if (await isFile(file)) return file;
  }
  throw usage(`there is no ${name}, and Belay ships no runbook of that name`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function nameBeside(home: string, path: string): string {
  const name = relative(home, path).split(sep).join('/');
  return name.startsWith('../') ? `inventory/${name.split('/').at(-1) ?? name}` : name;
}

async function readOne(path: string, typed: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw usage(`${typed} cannot be read: ${reason(error)}`);
  }
}

async function readFolder(home: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(home, path);
    if (!entry.isFile() || name.split(sep).some((part) => part.startsWith('.') || part === 'node_modules')) continue;
    bytes += (await lstat(path)).size;
    if (files.size >= most.files || bytes > most.bytes) {
      throw new Stop(
        `more than ${most.files} files or 16 MiB lie beside the runbook in ${home}; give it a folder of its own`,
      );
    }
    files.set(name.split(sep).join('/'), await readOne(path, name));
  }
  return files;
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'you may not read it';
  return code === 'EISDIR' ? 'it is a folder' : String(code);
}
