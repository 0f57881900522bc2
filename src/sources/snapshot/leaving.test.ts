import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { leftovers, REDACTIONS, redact } from '../../core/snapshot/redact.ts';
import { takeSnapshot } from '../../core/snapshot/snapshot.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { toJson, toText } from '../../core/verdict/format.ts';
import { toMarkdown } from '../../core/verdict/note.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { readSnapshot, writeChatLink, writeSnapshot } from './carry.ts';
import { CARRIED_ID, fillPage } from './offline.ts';

const targets = targetsOf('chat');
const word = fc.stringMatching(/^[a-zA-Z]{4}[0-9][a-zA-Z0-9]{2,5}$/);

test('what any carrier holds, unpacked again, has none of the names in it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(word, { minLength: 6, maxLength: 6, selector: (name) => name.toLowerCase() }),
      async (names) => {
        const [host, pod, model, namespace, job, server] = names as [string, string, string, string, string, string];
        const scene = buildScene({
          replicas: [`${host}-0.${namespace}:8000`, `${host}-1.${namespace}:8000`],
          model: `org/${model}`,
          lines: {
            running: '3',
            'kv-cache-usage': '0.3+0.02x30 1x9',
            preemptions: '0x10 0.7 ...',
            waiting: '0x10 9 ...',
          },
          histograms: { ttft: '0.2*5x10 9*5 ...' },
          labels: { 'cache-config': { num_gpu_blocks: '600', block_size: '16', pod, namespace, job } },
        });
        const given = {
          ...scene,
          selector: `{job="${job}",pod=~"${pod}.*"}`,
          source: { ...scene.source, label: `https://${server}.example/prom` },
          warnings: [`${server} answered for ${pod} alone`],
        };
        const { evidence } = redact(given, new Set(REDACTIONS.map(({ id }) => id)));
        const verdict = diagnose(evidence, targets);
        const snapshot = takeSnapshot(evidence, targets, verdict, { version: '1.0.0', takenAt: 1.8e9 });
        const file = await writeSnapshot(snapshot);
        const page = fillPage(`<script type="text/plain" id="${CARRIED_ID}"></script>`, file);
        const chat = await writeChatLink(snapshot, 'https://triage.test/');
        const carried = new RegExp(`id="${CARRIED_ID}">([^<]*)<`).exec(page)?.[1] as string;
        const unpacked = await Promise.all(
          [file, chat?.link as string, carried].map(async (text) =>
            JSON.stringify((await readSnapshot(text)).snapshot),
          ),
        );
        const told = [JSON.stringify(toJson(verdict, '1.0.0')), toText(verdict), toMarkdown(verdict)];
        expect(unpacked.every((text) => text.includes('replica'))).toBe(true);
        for (const text of [...unpacked, ...told, page, chat?.link as string])
          expect(leftovers(text, names)).toEqual([]);
      },
    ),
    { numRuns: 10 },
  );
});
