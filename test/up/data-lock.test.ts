import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { holdData } from '../../apps/cli/up/data-lock.js';
import { waitUntil } from '../../apps/cli/up/wait-until.js';
import { temporaryFolder } from './folder.js';

it('is held by one at a time, and free again once released', async () => {
  const data = temporaryFolder();
  const held = await holdData(data);
  await expect(holdData(data)).rejects.toThrow(`another \`belay up\` already runs on ${data}`);
  held.release();
  expect(
    await waitUntil(
      () =>
        holdData(data)
          .then(({ release }) => (release(), true))
          .catch(() => false),
      30,
    ),
  ).toBe(true);
});

it('is one lock for all names of the folder, and another one for another folder', async () => {
  const data = temporaryFolder();
  const held = await holdData(data);
  onTestFinished(() => held.release());
  await expect(holdData(`${data}/../${data.split('/').at(-1) ?? ''}`)).rejects.toThrow('already runs');
  (await holdData(temporaryFolder())).release();
});

it('goes with the process that held it, even when that is killed', async () => {
  const data = temporaryFolder();
  const source = `import { holdData } from ${JSON.stringify(new URL('../../apps/cli/up/data-lock.ts', import.meta.url).href)};
    await holdData(${JSON.stringify(data)}); console.log('held'); setInterval(() => undefined, 1000);`;
  // The file's own imports end in .js: the loader that is registered first finds the .ts beside them.
  const loader = `data:text/javascript,${encodeURIComponent(
    'export const resolve = (name, context, next) => next(name).catch(() => next(name.replace(/\\.js$/, ".ts"), context));',
  )}`;
  const register = `data:text/javascript,${encodeURIComponent(`import { register } from 'node:module'; register(${JSON.stringify(loader)});`)}`;
  const holder = spawn(
    process.execPath,
    ['--experimental-transform-types', '--no-warnings', '--import', register, '--input-type=module', '-e', source],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void holder.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
  expect(line).toBe('held');
  await expect(holdData(data)).rejects.toThrow('already runs');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  (await holdData(data)).release();
});
