import { randomUUID } from 'node:crypto';
import type { Finding } from '../../model/finding.js';
import { notRunning, type Door } from './find-api.js';
import { exitCodes } from './exit-codes.js';
import { Stop } from './stop.js';
import { visible } from './visible.js';

/** A refusal of the API, as RFC 9457 has it. */
export interface ProblemAnswer {
  readonly kind: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** What the compiler found, with `plan/findings`. */
  readonly findings?: readonly Finding[];
}

/** The API refused; `problem` says why. */
export class Refused extends Stop {
  constructor(readonly problem: ProblemAnswer) {
    super(visible([`${problem.detail || problem.title}`, ...faults(problem)].join('; ')), exitCodes.error);
    this.name = 'Refused';
  }
}

function faults(problem: ProblemAnswer): string[] {
  return (problem.errors ?? []).map((error) => `${error.pointer || '/'}: ${error.detail}`);
}

interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** A POST that must happen once has a key, so that it may be sent again. */
  readonly once?: boolean;
}

/** Speaks HTTP with the API; every refusal becomes one line. */
export class ApiClient {
  constructor(
    private readonly door: Door,
    private readonly user: string,
    private readonly interrupted: AbortSignal,
  ) {}

  get web(): string | undefined {
    return this.door.web;
  }

  async get<R>(path: string): Promise<R> {
    return (await (await this.send(path, {})).json()) as R;
  }

  async post<R>(path: string, body: unknown, once = false): Promise<R> {
    return (await (await this.send(path, { method: 'POST', body, once })).json()) as R;
  }

  async put<R>(path: string, body: unknown): Promise<R> {
    return (await (await this.send(path, { method: 'PUT', body })).json()) as R;
  }

  /**
   * @throws Refused with what the API said
   * @throws Stop where nothing answers
   */
  async send(path: string, request: Request): Promise<Response> {
    const key = request.once === true ? { 'idempotency-key': randomUUID() } : {};
    const signal = AbortSignal.any([this.interrupted, ...(request.signal === undefined ? [] : [request.signal])]);
    let response: Response;
    try {
      response = await fetch(`${this.door.url}${path}`, {
        method: request.method ?? 'GET',
        headers: {
          authorization: `Bearer ${this.door.token}`,
          'belay-user': this.user,
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...key,
          ...request.headers,
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw notRunning(`nothing answers at ${this.door.url}`);
    }
    if (response.ok) return response;
    throw await refusal(response, this.door.url);
  }
}

async function refusal(response: Response, url: string): Promise<Stop> {
  if (response.status === 401)
    return new Stop(`the API at ${url} does not know this token; was it started with another data folder?`);
  if (!(response.headers.get('content-type') ?? '').includes('problem+json')) {
    return new Stop(`what answers at ${url} is not Belay's API (status ${response.status}); see BELAY_API_URL`);
  }
  return new Refused((await response.json()) as ProblemAnswer);
}
