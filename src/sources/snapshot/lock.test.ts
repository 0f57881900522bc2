import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { takeSnapshot } from '../../core/snapshot/snapshot.ts';
import { formatText, readText } from '../../core/snapshot/text.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { SourceError } from '../errors.ts';
import { readSnapshot, writeChatLink, writeSnapshot } from './carry.ts';
import { lock, unlock } from './lock.ts';

const evidence = buildScene({ replicas: ['secret-host-0:8000'], model: 'secret-model', lines: { running: '3x30' } });
const targets = targetsOf('chat');
const taken = takeSnapshot(evidence, targets, diagnose(evidence, targets), { version: '1.0.0', takenAt: 1.8e9 });

async function refusalOf(text: string, passphrase?: string): Promise<SourceError> {
  const error = await readSnapshot(text, passphrase).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

describe('a locked snapshot', () => {
  test('opens with its passphrase, however its letters are composed, and with no other', async () => {
    const text = await writeSnapshot(taken, 'Zürich 7');
    expect(text).toMatch(/^1e\.[\w-]+\.[0-9a-f]{8}$/);
    expect((await readSnapshot(text, 'Zürich 7'.normalize('NFD'))).snapshot).toEqual(taken);
    expect((await refusalOf(text, 'Zürich 8')).message).toBe('This passphrase does not open the snapshot.');
    const asked = await refusalOf(text);
    expect(asked.problem).toBe('locked');
    expect(asked.message).toBe('This snapshot is locked with a passphrase.');
  });

  test('shows nothing of itself, and two of one incident have nothing in common', async () => {
    const [one, two] = [await writeSnapshot(taken, 'x'), await writeSnapshot(taken, 'x')];
    const bytes = readText(one)?.bytes as Uint8Array;
    const open = new TextDecoder('latin1').decode(bytes);
    expect(open).not.toContain('secret');
    expect(one.slice(12, 60)).not.toBe(two.slice(12, 60));
  });

  test('cut or changed: says so, and does not blame the passphrase', async () => {
    const text = await writeSnapshot(taken, 'x');
    expect((await refusalOf(text.slice(0, -40), 'x')).message).toMatch(/locked snapshot is cut short/);
    const changed = `${text.slice(0, 90)}${text[90] === 'A' ? 'B' : 'A'}${text.slice(91)}`;
    expect((await refusalOf(changed, 'x')).message).toMatch(/damaged on its way/);
  });

  test('fits a chat as well', async () => {
    const chat = await writeChatLink(taken, 'https://triage.example/', 'x');
    expect(chat?.link).toMatch(/#snapshot=1e\./);
    expect((await readSnapshot(chat?.link as string, 'x')).snapshot).toEqual(chat?.snapshot);
  });

  test('one that asks for a minute of work is not opened', async () => {
    const bytes = await lock(new Uint8Array(8), 'x');
    new DataView(bytes.buffer).setUint32(0, 4_000_000_000);
    const started = performance.now();
    expect((await refusalOf(formatText('1e', bytes), 'x')).message).toMatch(/not locked as a snapshot is/);
    expect((await refusalOf(formatText('1e', bytes.slice(0, 9)), 'x')).message).toMatch(/not locked as a snapshot is/);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

test('any bytes under any passphrase come back, and a changed byte never does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.nat(),
      async (bytes, passphrase, place) => {
        const locked = await lock(bytes, passphrase);
        expect(await unlock(locked, passphrase)).toEqual(bytes);
        const changed = locked.slice();
        // From the salt on: before it stand the iterations, which would only cost time.
        const at = 4 + (place % (changed.length - 4));
        changed[at] = (changed[at] as number) ^ 1;
        expect(await unlock(changed, passphrase)).toBeNull();
      },
    ),
    { numRuns: 3 },
  );
});
