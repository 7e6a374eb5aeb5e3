import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * Who listens on a TCP port of this machine: the process, another one, or nobody. That a server answers on a port
 * does not say whose server it is.
 */
export function listenerOn(port: number, pid: number): 'it' | 'another' | 'nobody' {
  // In this order: what the process has opened by then is in its list of files.
  const sockets = listeningSockets(port);
  if (sockets.length === 0) return 'nobody';
  const own = socketsOf(pid);
  return own === undefined || sockets.some((socket) => own.has(socket)) ? 'it' : 'another';
}

/** Inodes of the sockets that listen on a port, on any IPv4 address. */
function listeningSockets(port: number): string[] {
  const rows = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === '0A' && parseInt(local.split(':')[1] ?? '', 16) === port)
    .map((fields) => fields[9] ?? '');
}

/** Inodes of the sockets that a process has open; undefined where that is not for us to know. */
function socketsOf(pid: number): Set<string> | undefined {
  const folder = `/proc/${String(pid)}/fd`;
  try {
    const links = readdirSync(folder).map((name) => linkAt(`${folder}/${name}`));
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Set() : undefined;
  }
}

/** A file may have been closed since its name was read. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
