/** The ways a source fails, each with another next step. */
export type SourceProblem =
  | 'unreachable'
  | 'cors'
  | 'unauthorized'
  | 'forbidden'
  | 'no-tenant'
  | 'not-prometheus'
  /** It is there, is what it should be, and fails by itself. */
  | 'server-error'
  | 'bad-query'
  | 'timeout'
  | 'too-many-points'
  | 'unreadable'
  /** A snapshot that wants a passphrase, or another one. */
  | 'locked'
  | 'empty'
  | 'aborted';

/** States the fact; the app and the command line add the advice from `advice.ts`, because it differs. */
export class SourceError extends Error {
  readonly problem: SourceProblem;
  /** HTTP status, where there was one. */
  readonly status: number | null;
  constructor(problem: SourceProblem, message: string, status: number | null = null) {
    super(message);
    this.name = 'SourceError';
    this.problem = problem;
    this.status = status;
  }
}
