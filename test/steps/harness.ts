import { createHash } from 'node:crypto';
import type { HostOperation, Script } from '../../model/operation.js';
import { goingBack } from '../../model/task/going-back.js';
import { applyTransform, type ResolvedArguments } from '../../model/transforms/transforms.js';
import type { Text } from '../../model/value.js';
import { signCertificate } from '../../activities/certificates/sign.js';
import { run, type Executed } from '../../lab/program.js';

/** Values for the holes of an operation, by expression. */
export type Values = Readonly<Record<string, string>>;

/** Runs a program on the host as root, outside of Belay. */
export type OnHost = (argv: readonly string[], input?: string | Uint8Array) => Promise<Executed>;

/** One host, entered once: finding it again for every program would cost more than the program. */
export async function entered(lab: { enter(host: string): Promise<readonly string[]> }, host: string): Promise<OnHost> {
  const words = await lab.enter(host);
  return async (argv, input) => run([...words, ...argv], input === undefined ? {} : { input });
}

/** Where and how a script of `do` is killed: at the n-th call of a program, before it or after it. */
export interface Kill {
  readonly program: string;
  readonly when: 'before' | 'after';
  readonly nth?: number;
}

export interface Try {
  readonly attempt?: number;
  readonly owed?: boolean;
  readonly kill?: Kill;
  /** Somebody else's doing between capture and do. */
  readonly meanwhile?: string;
  /** Bytes of standard input that arrive; all of them where absent. */
  readonly cut?: number;
}

export interface Outcome {
  readonly ending: 'ok' | 'done' | 'refused' | 'partial' | 'unknown';
  /** What the deciding script said. */
  readonly said: string;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const state = '/var/lib/belay/test';

/**
 * One step on one host, carried out by the rules of design §3 and §4.4 with nothing of Belay's runner: what the
 * scripts are promised is here in its smallest form.
 */
export class Task {
  private preImage: string | undefined;
  private postImage: string | undefined;
  private readonly folder: string;
  private stdin: Uint8Array = new Uint8Array();

  constructor(
    private readonly exec: OnHost,
    name: string,
    private readonly operation: HostOperation,
    private readonly values: Values = {},
    private readonly shell: readonly string[] = ['sh'],
  ) {
    this.folder = `${state}/${name}`;
  }

  /** Check, capture, transform, do, verify; a later attempt begins with do. */
  async carryOut(how: Try = {}): Promise<Outcome> {
    const { check, capture, do: act, verify } = this.operation;
    const attempt = how.attempt ?? 1;
    this.stdin = this.stdinOf(act);
    if (attempt === 1) {
      const checked = check && (await this.run('check', check, how));
      if (checked?.code === 0) return { ending: 'ok', said: checked.said };
      if (checked && checked.code !== 1) return { ending: 'refused', said: checked.said };
      const captured = capture && (await this.capture(capture));
      if (captured && captured.code !== 0) return { ending: 'refused', said: captured.said };
    }
    const unchanged = await this.transform();
    if (unchanged) return unchanged;
    if (how.meanwhile !== undefined) await this.must(how.meanwhile);
    const acted = await this.run('do', act, how);
    if (acted.killed) return { ending: 'unknown', said: acted.said };
    if (acted.code === act.refusal) return { ending: 'refused', said: acted.said };
    if (!(act.doneExits ?? [0]).includes(acted.code)) return { ending: 'partial', said: acted.said };
    const verified = verify && (await this.run('verify', verify, how));
    if (verified && verified.code !== 0) return { ending: 'partial', said: verified.said };
    if (capture) this.postImage = await this.present(capture);
    return { ending: 'done', said: acted.said };
  }

  /** What the engine does for a restart that an undo owes. */
  async restart(): Promise<{ readonly code: number; readonly said: string }> {
    if (!this.operation.restart) throw new Error('this operation has no restart');
    return this.run('restart', this.operation.restart, {});
  }

  async check(): Promise<{ readonly code: number; readonly said: string }> {
    if (!this.operation.check) throw new Error('this operation has no check');
    return this.run('check', this.operation.check, {});
  }

  /** Reads the effect back once more. */
  async verify(): Promise<{ readonly code: number; readonly said: string }> {
    if (!this.operation.verify) throw new Error('this operation reads nothing back');
    return this.run('verify', this.operation.verify, {});
  }

  /** Going back: what the engine decides, and whether the state of before is there afterwards. */
  async undo(how: Pick<Try, 'kill'> & { readonly leaseKept?: boolean } = {}): Promise<string> {
    const { capture, undo } = this.operation;
    if (!capture || !undo) throw new Error('this operation cannot be undone');
    const decision = goingBack({
      present: await this.present(capture),
      leaseKept: how.leaseKept ?? true,
      ...(this.preImage !== undefined && { preImage: this.preImage }),
      ...(this.postImage !== undefined && { postImage: this.postImage }),
    });
    if (decision !== 'restore') return decision === 'already-back' ? 'undone' : 'decide';
    const { code, said, killed } = await this.run('undo', undo, how);
    if (killed) return 'unknown';
    if (code !== 0) return `failed: ${said}`;
    const now = await this.present(capture);
    return now === this.preImage ? 'undone' : `not restored: ${String(this.preImage)} became ${now}`;
  }

  /** Runs a script of the test on the host; it must succeed. */
  async must(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec(['sh', '-euc', script]);
    if (code !== 0) throw new Error(`\`${script}\` ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  private async capture(script: Script): Promise<{ code: number; said: string }> {
    await this.must(`rm -rf ${this.folder}/pre ${this.folder}/saving; mkdir -p ${this.folder}/saving`);
    const { code, stdout, said } = await this.run('capture', script, {}, { BELAY_SAVE: `${this.folder}/saving` });
    if (code !== 0) return { code, said };
    this.preImage = stdout.trim();
    await this.must(`mv ${this.folder}/saving ${this.folder}/pre`);
    return { code, said };
  }

  private async present(script: Script): Promise<string> {
    const { code, stdout, said } = await this.run('capture', script, {});
    if (code !== 0) throw new Error(`the present state cannot be read: ${said}`);
    return stdout.trim();
  }

  private async transform(): Promise<Outcome | undefined> {
    const { transform } = this.operation;
    if (!transform) return undefined;
    const saved = await this.exec(['base64', '-w0', `${this.folder}/pre/content`]);
    const content = Buffer.from(saved.stdout, 'base64');
    const args = this.resolve(transform.arguments) as ResolvedArguments;
    try {
      this.stdin =
        transform.name === 'certificate' ? await sign(content, args) : applyTransform(transform.name, content, args);
    } catch (error) {
      return { ending: 'refused', said: (error as Error).message };
    }
    return Buffer.from(this.stdin).equals(content) ? { ending: 'ok', said: 'already so' } : undefined;
  }

  private async run(
    part: string,
    script: Script,
    how: Try,
    more: Values = {},
  ): Promise<{ code: number; stdout: string; said: string; killed: boolean }> {
    const file = `${this.folder}/${part}.sh`;
    const shims = how.kill && (part === 'do' || part === 'undo') ? await this.sabotage(how.kill) : '';
    await this.exec(['sh', '-c', `umask 077; mkdir -p ${this.folder}; cat >${file}`], script.text);
    if (part === 'do' && this.operation.carried)
      await this.exec(['sh', '-c', `umask 077; cat >${this.folder}/carried`], this.stdin.subarray(0, how.cut));
    const environment = {
      PATH: shims + path,
      LC_ALL: 'C',
      HOME: '/root',
      BELAY_TASK: this.folder,
      BELAY_PRE: `${this.folder}/pre`,
      BELAY_PRE_IMAGE: this.preImage ?? '',
      BELAY_STDIN_SHA256: createHash('sha256').update(this.stdin).digest('hex'),
      BELAY_RESTART_OWED: how.owed ? '1' : '0',
      BELAY_ATTEMPT: String(how.attempt ?? 1),
      ...Object.fromEntries(Object.entries(script.environment ?? {}).map(([name, text]) => [name, this.fill(text)])),
      ...more,
    };
    const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    // Daemons keep what they inherit, so output goes to files.
    const wrapped = `umask 077; exec "$@" >${file}.out 2>${file}.err`;
    const { code } = await this.exec(
      ['env', '-i', '-C', '/', ...words, 'setsid', '-w', 'sh', '-c', wrapped, 'sh', ...this.shell, file].concat(
        (script.arguments ?? []).map((text) => this.fill(text)),
      ),
      part === 'do' && !this.operation.carried ? this.stdin.subarray(0, how.cut) : '',
    );
    const { stdout, stderr } = await this.exec(['sh', '-c', `cat ${file}.out; cat ${file}.err >&2`]);
    const killed = shims !== '' && (await this.exec(['test', '-e', `${this.folder}/killed`])).code === 0;
    return { code, stdout, said: `${stdout}${stderr}`.trim(), killed };
  }

  /** Puts a program of that name in front of the real one, which kills the script's whole process group. */
  private async sabotage({ program, when, nth = 1 }: Kill): Promise<string> {
    const folder = `${this.folder}/shims`;
    const strike = `[ "$n" != ${nth} ] || { : >${this.folder}/killed; kill -KILL 0; }`;
    const shim = [
      '#!/bin/sh',
      `n=0; read -r n 2>/dev/null <${folder}/.count || n=0; n=$((n + 1)); echo $n >${folder}/.count`,
      when === 'before' ? strike : '',
      `PATH=${path} ${program} "$@"; code=$?`,
      when === 'after' ? strike : '',
      'exit $code',
    ].join('\n');
    const put = `rm -rf ${folder} ${this.folder}/killed; mkdir -p ${folder}; cat >${folder}/${program}; chmod 700 ${folder}/${program}`;
    await this.exec(['sh', '-euc', put], shim);
    return `${folder}:`;
  }

  private stdinOf({ stdin }: Script): Uint8Array {
    if (this.operation.carried) return Buffer.from('carried\n');
    if (stdin === undefined) return new Uint8Array();
    if (typeof stdin === 'object' && 'base64' in stdin) return Buffer.from(stdin.base64, 'base64');
    return Buffer.from(this.fill(stdin));
  }

  private fill(text: Text): string {
    if (typeof text === 'string') return text;
    return text.template
      .map((piece) => (typeof piece === 'string' ? piece : (this.values[piece.expression] ?? '')))
      .join('');
  }

  private resolve(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => this.resolve(one));
    if ('template' in value) return this.fill(value as Text);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.resolve(one)]));
  }
}

async function sign(request: Uint8Array, args: ResolvedArguments): Promise<Uint8Array> {
  const authority = { certificate: String(args.authority_certificate), key: String(args.authority_key) };
  const { names, days } = args as { names: string[]; days: number };
  return Buffer.from(
    await signCertificate(Buffer.from(request).toString(), authority, { names, days, now: new Date() }),
  );
}
