import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectFolder } from './folders.js';

/** `belay lab …` hands its words to the lab's own program, which knows them. */
export function registerLab(program: Command): void {
  program
    .command('lab')
    .description('real hosts on this machine, to practise and test on')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[words...]')
    .action(async (words: string[]) => {
      process.exitCode = await runProgram(['lab', 'main.js'], words);
    });
}

/** Runs one of the project's own programs on this terminal, and returns its exit code. */
export function runProgram(path: readonly string[], words: readonly string[]): Promise<number> {
  const file = join(projectFolder(), 'build', ...path);
  // Ctrl-C reaches the program itself; leaving before it has cleaned up would hide what it still says.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...words], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(signal === null ? (code ?? 1) : 130);
    });
  });
}
