// How well the list of what changed finds an injected change; writes docs/anomalies.md. Run by `npm run changes`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { changesPage, isFound, judgeChanges } from './evaluation/changes.ts';
import { openShelf } from './evaluation/shelf.ts';
import { simulatedEpisodes } from './evaluation/simulated.ts';

const SEED = 3;
const PER_KIND = 2;
const page = fileURLToPath(new URL('../docs/anomalies.md', import.meta.url));

const shelf = await openShelf();
const changes = await judgeChanges(
  (async function* () {
    for (const build of simulatedEpisodes(SEED, PER_KIND)) yield await shelf.take(build.id.replaceAll('/', '-'), build);
  })(),
);
await writeFile(page, changesPage(changes, SEED, PER_KIND));
const right = changes.found.filter(isFound).length;
process.stdout.write(
  `${right} of ${changes.found.length} injected changes among the first three lines; docs/anomalies.md written\n`,
);
