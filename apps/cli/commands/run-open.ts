import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { RunAnswer } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { Stop } from '../stop.js';
import { say, type World } from '../world.js';

/** `belay run open`: the run in Temporal's web UI. */
export function addOpen(run: Command, world: World): void {
  run
    .command('open')
    .description('links to the run in Temporal’s web UI')
    .argument('<run>', 'its name, or the beginning of it')
    .option('--browser', 'open the first one')
    .action(async (prefix: string, options: { browser?: boolean }) => {
      const client = clientOf(world);
      const web = world.environment['BELAY_TEMPORAL_WEB'] ?? client.web;
      if (web === undefined || web === '')
        throw new Stop('no address of Temporal’s web UI is known; set BELAY_TEMPORAL_WEB');
      const shown = await client.get<RunAnswer>(`/v1/runs/${encodeURIComponent(prefix)}`);
      const links = linksOf(shown, web, world.environment['BELAY_TEMPORAL_NAMESPACE'] ?? 'default');
      for (const link of links) say(world, link);
      if (options.browser === true) openInBrowser(links[0] ?? web);
    });
}

/** The workflows of a run, the one that speaks for it first. */
export function linksOf(run: RunAnswer, web: string, namespace: string): string[] {
  const ids = [...(run.undo === undefined ? [] : [`undo:${run.run}:${run.undo.number}`]), `run:${run.run}`];
  const base = `${web.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return ids.map((id) => `${base}/${encodeURIComponent(id)}`);
}

function openInBrowser(link: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [link], { stdio: 'ignore', detached: true });
  // Without a browser the printed link is what is left.
  child.on('error', () => undefined);
  child.unref();
}
