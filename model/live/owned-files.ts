import type { HostOperation, Script } from '../operation.js';
import { captureCertificate } from '../steps/certificate.sh.js';
import { captureDirectory } from '../steps/directory.sh.js';
import { captureFile, showFile } from '../steps/file-state.sh.js';
import { display } from '../value.js';

/** The files and folders that an operation owns, by its capture, as they are written in the plan. */
export function ownedFiles({ capture }: HostOperation): string[] {
  if (!capture || ![captureFile, captureDirectory, captureCertificate].includes(capture.text)) return [];
  const paths = capture.text === captureCertificate ? capture.arguments : capture.arguments?.slice(0, 1);
  return (paths ?? []).map(display).filter((path) => path !== '');
}

/** The script that prints the file that `do` would replace; undefined for operations that replace none whole. */
export function shownFile({ capture, shows }: HostOperation): (Script & { readonly path: string }) | undefined {
  if (shows) return shows;
  const path = capture?.text === captureFile ? capture.arguments?.[0] : undefined;
  return path === undefined ? undefined : { text: showFile, arguments: [path], path: display(path) };
}
