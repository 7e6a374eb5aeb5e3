import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Where the workflows' bundle lies, made once a build and loaded by every worker. */
export const bundlePath = fileURLToPath(new URL('../../workflows.bundle.js', import.meta.url));

/** Bundles the built workflows. Nothing but workflow code may get in: see the check on the bundle. */
async function writeBundle(): Promise<void> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.js', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath });
  await writeFile(bundlePath, code);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeBundle();
