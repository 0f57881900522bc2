import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Status } from '../verdict/verdict.ts';
import { blindStand, differencesBetween, type Stand } from './stand.ts';
import { type Change, look, type Memory } from './watch.ts';

const EVERY = 15;

function stand(status: Status, primary: string | null = null, more: Partial<Stand> = {}): Stand {
  return {
    status,
    primary,
    severity: status === 'critical' ? 'critical' : status === 'degraded' ? 'warning' : null,
    instances: primary === null ? [] : ['vllm-0'],
    model: primary === null ? null : 'm',
    confidence: primary === null ? null : 0.8,
    headline: `${status} ${primary ?? ''}`,
    lede: '',
    since: null,
    blind: null,
    ...more,
  };
}

const healthy = stand('healthy');
const thrash = stand('critical', 'kv-cache-thrashing');
const seats = stand('degraded', 'seat-ceiling');

/** What is said over a series of looks, with the number of the look that said it. */
function saidOver(stands: readonly Stand[]): { look: number; change: Change }[] {
  let memory: Memory | null = null;
  return stands.flatMap((one, i) => {
    const seen = look(memory, one, i * EVERY);
    // A restart between any two looks changes nothing.
    memory = JSON.parse(JSON.stringify(seen.memory)) as Memory;
    return seen.change ? [{ look: i, change: seen.change }] : [];
  });
}

const turns = (stands: readonly Stand[]) =>
  saidOver(stands).map((one) => [one.look, one.change.turn, one.change.after.status]);

describe('a change is said', () => {
  test('at the first look, whatever it saw', () => {
    expect(turns([thrash])).toEqual([[0, 'start', 'critical']]);
    expect(saidOver([healthy])[0]?.change.before).toBeNull();
  });

  test('for the worse after two looks, dated by the first of them', () => {
    const said = saidOver([healthy, healthy, thrash, thrash]);
    expect(said[1]).toMatchObject({
      look: 3,
      change: { turn: 'worse', seenFrom: 2 * EVERY, differs: ['status', 'primary', 'severity', 'scope'] },
    });
  });

  test('for the better after four looks', () => {
    expect(turns([thrash, healthy, healthy, healthy, healthy])).toEqual([
      [0, 'start', 'critical'],
      [4, 'better', 'healthy'],
    ]);
  });

  test('not for one odd look, in either direction', () => {
    expect(turns([healthy, thrash, healthy, healthy, thrash, healthy])).toHaveLength(1);
    expect(turns([thrash, healthy, healthy, healthy, thrash, healthy, healthy, healthy, thrash])).toHaveLength(1);
  });

  test('although bad looks never agree on the name', () => {
    expect(turns([healthy, seats, thrash])).toEqual([
      [0, 'start', 'healthy'],
      [2, 'worse', 'critical'],
    ]);
  });

  test('when only the scope grows, and not when only the wording or the confidence moves', () => {
    const wider = { ...thrash, instances: ['vllm-0', 'vllm-1'] };
    expect(saidOver([thrash, wider, wider, wider]).at(-1)).toMatchObject({
      change: { turn: 'other', differs: ['scope'] },
    });
    const other = { ...thrash, confidence: 0.3, headline: 'said otherwise', since: 12 };
    expect(differencesBetween(thrash, other)).toEqual([]);
    expect(turns([thrash, other, other, other, other])).toHaveLength(1);
  });

  test('when nothing can be read: blind is told like bad news, and the end of it is told', () => {
    const blind = blindStand('connection refused');
    const said = turns([healthy, blind, blind, healthy, healthy, healthy, healthy]);
    expect(said.slice(1)).toEqual([
      [2, 'lost', 'unknown'],
      [6, 'better', 'healthy'],
    ]);
    expect(turns([thrash, blind, blind]).at(-1)).toEqual([2, 'lost', 'unknown']);
  });
});

test('what flaps is said more rarely with each return, and bad news still after four looks', () => {
  // Sick for two minutes, calm for two minutes, over and over.
  const spell = [...Array<Stand>(8).fill(thrash), ...Array<Stand>(8).fill(healthy)];
  const said = turns([healthy, ...spell, ...spell, ...spell, ...spell]).slice(1);
  expect(said.length).toBeLessThan(8);
  expect(said[0]).toEqual([2, 'worse', 'critical']);
});

test('properties: never more said than seen; whatever lasts is said in the end; nothing is said twice in a row', () => {
  const any = fc.constantFrom(healthy, thrash, seats, stand('degraded', 'overload'), blindStand('x'), stand('unknown'));
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 60 }), any, (stands, last) => {
      const said = saidOver([...stands, ...Array<Stand>(64).fill(last)]).map(({ change }) => change);
      expect(differencesBetween((said.at(-1) as Change).after, last)).toEqual([]);
      for (const [i, change] of said.entries())
        if (i > 0) expect(differencesBetween((said[i - 1] as Change).after, change.after)).not.toEqual([]);
    }),
  );
});
