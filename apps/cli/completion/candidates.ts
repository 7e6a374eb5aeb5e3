import type { Argument, Command, Option } from 'commander';

/** What may stand where the cursor is. */
export interface Candidates {
  readonly words: readonly string[];
  /** True where the shell may offer files. */
  readonly files: boolean;
}

/** What only a running Belay can tell, and an inventory. Each may come to nothing, and quickly. */
export interface Known {
  runs(): Promise<readonly string[]>;
  steps(run: string): Promise<readonly string[]>;
  hosts(run: string | undefined, inventory: string | undefined): Promise<readonly string[]>;
  secrets(): Promise<readonly string[]>;
}

const nothing: Candidates = { words: [], files: false };
const files: Candidates = { words: [], files: true };

/** How far a command line has come: its command, what stands at its arguments, and the values of its options. */
interface Typed {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  /** The option whose value is being typed. */
  readonly open?: Option;
}

/**
 * What may stand at the end of a command line.
 *
 * @param words - all words after the program's name; the last one is being typed and may be empty
 */
export async function candidates(program: Command, words: readonly string[], known: Known): Promise<Candidates> {
  const last = words.at(-1) ?? '';
  const typed = read(program, words.slice(0, -1));
  const found = await possible(typed, last, known);
  return { ...found, words: found.words.filter((word) => word.startsWith(last)) };
}

async function possible(typed: Typed, last: string, known: Known): Promise<Candidates> {
  const { command, open, operands } = typed;
  if (open !== undefined) return valuesOf(open, typed, known);
  if (last.startsWith('-')) return { words: optionsOf(command).flatMap(flags), files: false };
  const commands = command.commands.filter((child) => !isHidden(child)).map((child) => child.name());
  if (commands.length > 0) return { words: operands.length > 0 ? [] : [...commands, 'help'], files: false };
  const declared = command.registeredArguments;
  const argument = declared[operands.length] ?? (declared.at(-1)?.variadic === true ? declared.at(-1) : undefined);
  return argument === undefined ? nothing : argumentValues(argument, typed, known);
}

function read(program: Command, words: readonly string[]): Typed {
  let command = program;
  let open: Option | undefined;
  const operands: string[] = [];
  const options = new Map<string, string>();
  for (const word of words) {
    if (open !== undefined) {
      options.set(open.attributeName(), word);
      open = undefined;
    } else if (word.startsWith('-') && word !== '-') open = takesValue(command, word);
    else {
      const child = operands.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (child === undefined) operands.push(word);
      else command = child;
    }
  }
  return { command, operands, options, ...(open !== undefined && { open }) };
}

/** The option that waits for the next word. */
function takesValue(command: Command, word: string): Option | undefined {
  const option = optionsOf(command).find(({ long, short }) => word === long || word === short);
  return option !== undefined && (option.required || option.optional) ? option : undefined;
}

/** The options of a command and of those above it. */
function optionsOf(command: Command): Option[] {
  const above = command.parent === null ? [] : optionsOf(command.parent);
  return [...command.options.filter((option) => !option.hidden), ...above];
}

function flags({ long, short }: Option): string[] {
  return [long, short].filter((flag) => flag !== undefined && flag !== null);
}

async function valuesOf(option: Option, { operands, options }: Typed, known: Known): Promise<Candidates> {
  const words = option.argChoices;
  if (words !== undefined) return { words, files: false };
  if (['inventory', 'inputs'].includes(option.attributeName())) return files;
  const [run = ''] = operands;
  if (option.attributeName() === 'step') return { words: await known.steps(run), files: false };
  if (option.attributeName() === 'host')
    return { words: await known.hosts(run, options.get('inventory')), files: false };
  return nothing;
}

async function argumentValues(argument: Argument, { operands, options }: Typed, known: Known): Promise<Candidates> {
  if (argument.argChoices !== undefined) return { words: argument.argChoices, files: false };
  const [run] = operands;
  switch (argument.name()) {
    case 'runbook':
      return files;
    case 'run':
      return { words: await known.runs(), files: false };
    case 'step':
      return { words: await known.steps(run ?? ''), files: false };
    case 'host':
    case 'hosts':
      return { words: await known.hosts(run, options.get('inventory')), files: false };
    case 'name':
      return { words: await known.secrets(), files: false };
    default:
      return nothing;
  }
}

/** Commander has no public word for it. */
function isHidden(command: Command): boolean {
  return (command as unknown as { readonly _hidden?: boolean })._hidden === true;
}
