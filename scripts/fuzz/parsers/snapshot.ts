import { deflateSync } from 'node:zlib';
import { buildScene } from '../../../src/core/evidence/notation.ts';
import { asciiJson, ByteReader, ByteWriter } from '../../../src/core/snapshot/bytes.ts';
import { checksum } from '../../../src/core/snapshot/checksum.ts';
import { pack } from '../../../src/core/snapshot/pack.ts';
import { takeSnapshot } from '../../../src/core/snapshot/snapshot.ts';
import { formatText } from '../../../src/core/snapshot/text.ts';
import { diagnose } from '../../../src/core/verdict/diagnose.ts';
import { toNote } from '../../../src/core/verdict/note.ts';
import { toJson, toText } from '../../../src/core/verdict/format.ts';
import { targetsOf } from '../../../src/core/verdict/profiles.ts';
import { SourceError } from '../../../src/sources/errors.ts';
import { openSnapshot } from '../../../src/sources/snapshot/source.ts';
import { bytesOf, type FuzzedParser, textOfBytes } from '../parser.ts';
import { judged } from './metrics.ts';

const targets = targetsOf('chat');

/** The three parts of a packed snapshot as three lines, so that changes to its JSON are packed again with the right checksums. */
function partsOf(bytes: Uint8Array): string {
  const reader = new ByteReader(bytes);
  const json = () => {
    const text = textOfBytes(reader.bytes(reader.whole()));
    reader.bytes(8);
    return text;
  };
  return [json(), json(), textOfBytes(reader.bytes(reader.left)).replaceAll('\n', '\\n')].join('\n');
}

function packed(text: string): string {
  const [front = '', rest = '', ...numbers] = text.split('\n');
  const out = new ByteWriter();
  for (const part of [front, rest]) {
    // Letters beyond ASCII as `pack` writes them; what is no JSON any more goes in as it stands.
    const json = jsonOf(part);
    const bytes = json === undefined ? bytesOf(part) : asciiJson(json);
    out.whole(bytes.length);
    out.bytes(bytes);
    out.bytes(bytesOf(checksum(bytes)));
  }
  out.bytes(bytesOf(numbers.join('\n').replaceAll('\\n', '\n')));
  return formatText('1', deflateSync(out.done(), { level: 1 }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const snapshot: FuzzedParser = {
  id: 'snapshot',
  title: 'snapshots, in links and files',
  seeds: () => {
    const sick = buildScene({
      lines: { running: '8x3', waiting: '20x3', 'kv-cache-usage': '0.99x3', preemptions: '5x3' },
    });
    const small = takeSnapshot(sick, targets, diagnose(sick, targets), { version: '1.0.0', takenAt: 1_795_600_000 });
    const [first] = small.verdict.findings;
    const { plan } = small.verdict;
    // One of each: what is checked a hundred times over is checked.
    const one = <T>(list: readonly T[]) => list.slice(0, 1);
    const verdict = {
      ...small.verdict,
      findings: first ? [{ ...first, facts: one(first.facts), remedies: [], willNotHelp: [] }] : [],
      plan: { steps: one(plan.steps), heldBack: one(plan.heldBack) },
      ruledOut: [],
      cannotTell: one(small.verdict.cannotTell),
      textbook: one(small.verdict.textbook),
      assurances: [],
      signals: { present: [], renamed: [], absent: [], stale: [], frozen: [], disabled: [] },
    };
    const { running, waiting } = sick.readings;
    const readings = { ...(running && { running }), ...(waiting && { waiting }) };
    const bare = { ...small, verdict, evidence: { ...sick, readings } };
    const parts = partsOf(pack(bare));
    return [
      parts,
      parts,
      parts,
      partsOf(pack({ ...bare, evidence: { ...sick, readings: {} } })),
      formatText('1', deflateSync(pack(bare))),
    ];
  },
  words: ['"~":0', '{"~":1}', '"__proto__":1', 'snapshot=', '#snapshot=', '1.', '1e.', '.', '\0', '\xff', '\x7f'],
  together: 64,
  async read(text) {
    const source = await openSnapshot(text.startsWith('{') ? packed(text) : text);
    if (text.length % 200 === 0) {
      const { verdict } = source.frozen;
      toText(verdict);
      JSON.stringify(toJson(verdict, '0'));
      toNote({ verdict, chapters: [], link: null, version: '0' });
    }
    await judged(source, text);
  },
  refuses: (error) => error instanceof SourceError,
};
