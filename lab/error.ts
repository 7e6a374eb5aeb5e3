/** What keeps a lab from being made or used; the message says in one line what is wrong and what to do. */
export class LabError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LabError';
  }
}
