import { AsyncLocalStorage } from 'node:async_hooks';

/** Throws where whoever is about to write is not asked for it any more. */
export type Fence = () => Promise<void>;

const fences = new AsyncLocalStorage<Fence>();

/**
 * Has everything that `work` does to a run stand behind a fence. It is asked once the run's lock is held: whoever was
 * asked for the same after us has to wait for that lock, so that what the fence lets through comes before all that
 * they write, however long we are held up afterwards.
 */
export async function behindFence<T>(fence: Fence, work: () => Promise<T>): Promise<T> {
  return fences.run(fence, work);
}

/** To be asked under the lock of a run. */
export async function mustStillBeAsked(): Promise<void> {
  await fences.getStore()?.();
}
