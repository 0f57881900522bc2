import { parentPort, workerData } from 'node:worker_threads';
import { PARSERS } from './parsers/index.ts';
import { runCases } from './run.ts';

/** What a thread of cases is started with. `at` holds the number of the case it works on, for whoever watches. */
export interface Watched {
  readonly parser: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly at: SharedArrayBuffer;
}

const { parser: id, seed, from, to, at } = workerData as Watched;
const parser = PARSERS.find((one) => one.id === id);
if (parser === undefined) throw new Error(`there is no parser ${id}`);
const place = new Int32Array(at);
parentPort?.postMessage(await runCases(parser, { seed, from, to }, (index) => Atomics.store(place, 0, index)));
