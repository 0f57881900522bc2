import { SourceError } from '../errors.ts';
import { baseOf, createClient, type PrometheusClient, type PrometheusSettings } from '../prometheus/client.ts';
import { detectFlavour, type Flavour } from '../prometheus/flavour.ts';
import type { SourcePlatform } from '../source.ts';
import { type AskingPage, type Contact, failed, type Outcome, type Patient, unknown } from './check.ts';
import { CHECKS } from './index.ts';

/** One step of an examination, as it is shown. */
export interface Step extends Outcome {
  readonly id: string;
  readonly title: string;
  /** False where it stands on a step that failed. */
  readonly reached: boolean;
}

export interface Examination {
  readonly settings: PrometheusSettings;
  readonly page: AskingPage | null;
  readonly selector: string;
  /** Unix seconds; the range that is to be judged. */
  readonly from: number;
  readonly to: number;
}

/** Seconds one question may take: a doctor who waits half a minute at every step is not listened to. */
const PATIENCE = 8;

/** Where the API lies in the usual installations: Mimir and kube-prometheus; a VictoriaMetrics cluster; Cortex; Thanos behind an ingress. */
const USUAL_PREFIXES = ['', '/prometheus', '/select/0/prometheus', '/api/prom', '/thanos', '/query'] as const;

/**
 * Walks from the address to vLLM's series, one step after the other. A step that stands on one that failed is not reached, and
 * says so. Asks the host of the address and no other, so that credentials stay where they were meant to go.
 * @param told is given each step when it was taken
 * @returns all steps; throws SourceError 'aborted' alone
 */
export async function examine(
  examination: Examination,
  platform: SourcePlatform,
  abort: AbortSignal,
  told: (step: Step) => void = () => undefined,
): Promise<Step[]> {
  let patient: Patient;
  try {
    patient = patientOf(examination, platform);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const step = {
      id: 'address',
      title: 'The address is one',
      reached: true,
      ...failed(error.message.replace(/\.$/, ''), 'Give the base URL of the API.', 'http://prometheus:9090'),
    };
    told(step);
    return [step];
  }
  const steps: Step[] = [];
  const broken = new Map<string, string>();
  for (const check of CHECKS) {
    const cause = check.needs.map((id) => broken.get(id)).find((title) => title !== undefined);
    const outcome =
      cause === undefined ? await outcomeOf(() => check.examine(patient, abort), abort) : notReached(cause);
    if (cause !== undefined) broken.set(check.id, cause);
    else if (outcome.state === 'failed' && !(check.browserOnly && !patient.page?.enforced))
      broken.set(check.id, check.title);
    const step = { id: check.id, title: check.title, reached: cause === undefined, ...outcome };
    steps.push(step);
    told(step);
  }
  return steps;
}

function notReached(cause: string): Outcome {
  return unknown(`not reached: “${cause}” comes first`);
}

/** A question that fails inside a check leaves its subject open. */
async function outcomeOf(work: () => Outcome | Promise<Outcome>, abort: AbortSignal): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (abort.aborted) throw new SourceError('aborted', 'The examination was called off.');
    return unknown(
      `could not be found out: ${error instanceof Error ? error.message.replace(/\.$/, '') : String(error)}`,
    );
  }
}

function patientOf(examination: Examination, platform: SourcePlatform): Patient {
  const { settings, page, selector, from, to } = examination;
  const { base, credentials } = baseOf(settings.url);
  const headers = { ...(credentials ? { Authorization: credentials } : {}), ...settings.headers };
  const clientAt = (url: string) => createClient({ url, headers, timeout: PATIENCE }, platform);
  const client = clientAt(base);
  let contact: Promise<Contact> | undefined;
  let elsewhere: Promise<string | null> | undefined;
  let flavour: Promise<Flavour> | undefined;
  return {
    client,
    headers,
    page,
    selector,
    from,
    to,
    platform,
    interval: null,
    contact: (abort) => (contact ??= firstContact(client, platform, abort)),
    elsewhere: (abort) => (elsewhere ??= searchPrefixes(client.label, clientAt, abort)),
    flavour: (abort) => (flavour ??= detectFlavour(client, abort)),
  };
}

const FIRST_QUESTION = [['query', 'vector(1)']] as const;

async function firstContact(client: PrometheusClient, platform: SourcePlatform, abort: AbortSignal): Promise<Contact> {
  const started = platform.now();
  try {
    await client.ask('query', FIRST_QUESTION, abort);
    return { problem: null, seconds: platform.now() - started };
  } catch (error) {
    if (!(error instanceof SourceError) || error.problem === 'aborted') throw error;
    return { problem: error.problem, message: error.message, status: error.status };
  }
}

/** All at once, since each may be a dead end; the first of the list that answers counts. */
async function searchPrefixes(
  base: string,
  clientAt: (url: string) => PrometheusClient,
  abort: AbortSignal,
): Promise<string | null> {
  const path = base.replace(/^[a-z]+:\/\/[^/]+/i, '');
  const host = base.slice(0, base.length - path.length);
  const bases = [...new Set([...USUAL_PREFIXES, `${path}/prometheus`].map((prefix) => host + prefix))].filter(
    (one) => one !== base && one !== '',
  );
  const answers = await Promise.all(
    bases.map((one) =>
      clientAt(one)
        .ask('query', FIRST_QUESTION, abort)
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  return bases[answers.indexOf(true)] ?? null;
}
