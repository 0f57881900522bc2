import { Agent, request } from 'node:http';

/** A request as a page made it. */
export interface Request {
  readonly url: string;
  /** A form, or `null` where all is in the address. */
  readonly body: string | null;
}

/** What answering costs the server and brings, without anybody who reads it. */
export interface Bare {
  readonly seconds: number;
  readonly slowestSeconds: number;
  /** JSON as it is before it is packed for the way. */
  readonly bytes: number;
  readonly samples: number;
}

/** The end of a sample in JSON, `[1795571399,"0.5"]`: no label and no name ends like that. */
const SAMPLE_END = Buffer.from('"]');

/**
 * The same requests once more, unpacked and unread: the server's own fastest possible answer.
 * @param atOnce how many are in flight; one at a time tells what a single query takes
 * @throws an Error if the server fails at one of them
 */
export async function askBare(requests: readonly Request[], atOnce: number): Promise<Bare> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const started = performance.now();
  let [slowest, bytes, samples, next] = [0, 0, 0, 0];
  const worker = async (): Promise<void> => {
    while (next < requests.length) {
      const one = requests[next++] as Request;
      const asked = performance.now();
      const answer = await ask(one, agent);
      slowest = Math.max(slowest, performance.now() - asked);
      bytes += answer.bytes;
      samples += answer.samples;
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    agent.destroy();
  }
  return { seconds: (performance.now() - started) / 1000, slowestSeconds: slowest / 1000, bytes, samples };
}

function ask({ url, body }: Request, agent: Agent): Promise<{ bytes: number; samples: number }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      body === null
        ? { agent }
        : { agent, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      (response) => {
        let bytes = 0;
        let samples = 0;
        let before = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (before === SAMPLE_END[0] && chunk[0] === SAMPLE_END[1]) samples += 1;
          before = chunk.at(-1) ?? before;
          for (let at = chunk.indexOf(SAMPLE_END); at !== -1; at = chunk.indexOf(SAMPLE_END, at + 2)) samples += 1;
        });
        response.once('end', () => {
          // What a server refuses, VictoriaMetrics a question with too many series, the page asks another way.
          if ((response.statusCode ?? 500) < 500) resolve({ bytes, samples });
          else reject(new Error(`${url} answered ${response.statusCode}`));
        });
        response.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}
