/** Writes a large profile of made-up GPUs in the layout of Kineto: `tsx scripts/traces/generate.ts FILE MEGABYTES`, packed where FILE ends in .gz. */
import { createWriteStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Shape, kinetoText } from '../../src/core/traces/testing/kineto-text.ts';

const [path, megabytes] = process.argv.slice(2);
if (path === undefined || !(Number(megabytes) > 0)) throw new Error('usage: generate.ts FILE MEGABYTES');

// Eight steps are one round of kinds.
const shape: Shape = { steps: 8, layers: 40, rank: 0, world: 1, hostEvents: 14 };
const round = [...kinetoText(shape)].reduce((sum, { length }) => sum + length, 0);
const steps = 8 * Math.ceil((Number(megabytes) * 1e6) / round);

/** A write per event would take longer than the events. */
function* blocks(pieces: Iterable<string>): Generator<string> {
  let block = '';
  for (const piece of pieces) {
    block += piece;
    if (block.length > 1 << 20) {
      yield block;
      block = '';
    }
  }
  yield block;
}

const text = Readable.from(blocks(kinetoText({ ...shape, steps })));
if (path.endsWith('.gz')) await pipeline(text, createGzip({ level: 6 }), createWriteStream(path));
else await pipeline(text, createWriteStream(path));
process.stdout.write(`${path}: ${statSync(path).size} bytes, ${steps} steps\n`);
