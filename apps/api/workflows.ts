import {
  Client,
  Connection,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateStage,
  type WorkflowExecutionStatusName,
  type WorkflowIdReusePolicy,
} from '@temporalio/client';
import {
  livePlanWorkflowId,
  runWorkflowId,
  taskQueue,
  undoWorkflowId,
  verbUpdate,
  wakeSignal,
} from '../../workflows/messages.js';
import type { RunbookArgument, UndoArgument } from '../../workflows/messages.js';
import { Problem } from './problem.js';

/** How a workflow stands on Temporal's side. `forgotten`: Temporal knows none of that id. */
export type Verdict = WorkflowExecutionStatusName | 'FORGOTTEN';

/** What the API asks of Temporal: to start, to nudge, to tell how a workflow stands. */
export class Workflows {
  readonly #client: Client;
  readonly #patience: number;

  private constructor(client: Client, patience: number) {
    this.#client = client;
    this.#patience = patience;
  }

  /**
   * Does not wait for the server: the API answers reads while Temporal is away.
   *
   * @param patience - milliseconds that a request may wait for Temporal to answer one call
   */
  static at(address: string, namespace: string, patience = 3_000): Workflows {
    return new Workflows(new Client({ connection: Connection.lazy({ address }), namespace }), patience);
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  /** Started already is as good as started. */
  async startRunbook(run: string, summary: string): Promise<void> {
    const argument: RunbookArgument = { run };
    await this.#start('runbook', runWorkflowId(run), argument, summary);
  }

  async startUndo(run: string, undo: number, summary: string): Promise<void> {
    const argument: UndoArgument = { run, undo };
    await this.#start('undo', undoWorkflowId(run, undo), argument, summary);
  }

  async startLivePlan(live: string, summary: string): Promise<void> {
    await this.#start('livePlan', livePlanWorkflowId(live), { live }, summary);
  }

  /** Makes the hosts of a run that has ended quiet, then gives up its leases. One at a time; again if need be. */
  async startQuiet(run: string): Promise<void> {
    await this.#start('quiet', `quiet:${run}`, { run }, `leases of ${run}`, 'ALLOW_DUPLICATE');
  }

  async #start(
    type: string,
    workflowId: string,
    argument: object,
    summary: string,
    workflowIdReusePolicy: WorkflowIdReusePolicy = 'REJECT_DUPLICATE',
  ): Promise<void> {
    try {
      await this.#within(this.#patience, () =>
        this.#client.workflow.start(type, {
          workflowId,
          taskQueue,
          args: [argument],
          staticSummary: summary,
          workflowIdReusePolicy,
        }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /**
   * Tells the workflow that there is a verb in Postgres. Twice is harmless.
   *
   * @returns `gone` where no open workflow of that id can take it; `accepted` once Temporal has it in the history
   */
  async nudge(workflowId: string, verb: string): Promise<'accepted' | 'gone'> {
    try {
      await this.#within(this.#patience, () =>
        this.#client.workflow.getHandle(workflowId).startUpdate(verbUpdate, {
          args: [verb],
          updateId: verb,
          waitForStage: WorkflowUpdateStage.ACCEPTED,
        }),
      );
      return 'accepted';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      if (error instanceof WorkflowUpdateFailedError) return 'accepted';
      throw error;
    }
  }

  /** Has a workflow that waits ask Postgres again; one that is gone needs no telling. */
  async wake(workflowId: string): Promise<void> {
    try {
      await this.#within(this.#patience, () => this.#client.workflow.getHandle(workflowId).signal(wakeSignal));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  async verdict(workflowId: string): Promise<Verdict> {
    try {
      const described = await this.#within(this.#patience, () =>
        this.#client.workflow.getHandle(workflowId).describe(),
      );
      return described.status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'FORGOTTEN';
      throw error;
    }
  }

  /**
   * Runs a short workflow and waits for what it returns.
   *
   * @param seconds - after which the workflow is ended by Temporal and `host/busy` thrown
   */
  async ask<R>(type: string, workflowId: string, argument: object, seconds: number): Promise<R> {
    try {
      return await this.#within((seconds + 2) * 1000, () =>
        this.#client.workflow.execute(type, {
          workflowId,
          taskQueue,
          args: [argument],
          workflowExecutionTimeout: `${seconds} seconds`,
          followRuns: false,
        }),
      );
    } catch (error) {
      if (error instanceof WorkflowFailedError && error.cause?.name === 'TimeoutFailure') throw busy(seconds);
      if (isGrpcServiceError(error) && isGrpcDeadlineError(error)) throw busy(seconds);
      throw error;
    }
  }

  async reachable(): Promise<boolean> {
    try {
      await this.#within(Math.min(1_000, this.#patience), () => this.#client.workflowService.getSystemInfo({}));
      return true;
    } catch {
      return false;
    }
  }

  #within<R>(milliseconds: number, call: () => Promise<R>): Promise<R> {
    return this.#client.withDeadline(Date.now() + milliseconds, call);
  }
}

function busy(seconds: number): Problem {
  return new Problem(
    'host/busy',
    `no worker answered within ${seconds} s; see "belay doctor" and the worker's log`,
    [],
    {
      'retry-after': '5',
    },
  );
}

/** True where Temporal did not answer at all: what was asked for may be asked again later. */
export function isTemporalAway(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) && [4, 14].includes(cause.code);
}
