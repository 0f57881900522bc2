/** One step from a version to the next, on plain JSON nobody has checked: it must survive anything. */
export type Upgrader = (json: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/**
 * The step at place n leads from version n + 1 to n + 2. Steps are never changed once released; the last one leads to the
 * version of `SNAPSHOT_SCHEMA`. A sample of each version stands in e2e/fixtures/snapshots and is replayed for ever.
 */
const UPGRADERS: readonly Upgrader[] = [];

const SCHEMA = /^vllm-triage\/snapshot\/([1-9]\d{0,3})$/;

/** It is no snapshot, or one of a version to come; the message is a sentence. */
export class VersionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'VersionError';
  }
}

/**
 * A snapshot of any version as one of the present version.
 * @throws VersionError
 */
export function upgrade(json: unknown, steps: readonly Upgrader[] = UPGRADERS): Readonly<Record<string, unknown>> {
  const record = (typeof json === 'object' && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const schema = typeof record['schema'] === 'string' ? record['schema'] : '';
  const version = Number(SCHEMA.exec(schema)?.[1] ?? 0);
  const newest = steps.length + 1;
  if (version === 0) throw new VersionError('This is no snapshot of vLLM Triage.');
  if (version > newest)
    throw new VersionError(
      `This snapshot is of version ${version}, and this program reads up to ${newest}. Open it with a newer vLLM Triage.`,
    );
  return steps
    .slice(version - 1)
    .reduce((one, step, i) => ({ ...step(one), schema: `vllm-triage/snapshot/${version + i + 1}` }), record);
}
