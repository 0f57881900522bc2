import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ended, startCommand } from '../testing/command.ts';
import { silence } from '../testing/faults/acts.ts';
import { FAULTS, type Fault, LABEL, STALLS } from '../testing/faults/faults.ts';
import { type Fleet, SICK, type SickName, startFleet } from '../testing/faults/fleet.ts';
import { type FaultProxy, pass, type Place, startFaultProxy } from '../testing/faults/proxy.ts';
import { diagnoseCommand } from './diagnose.ts';
import { watchCommand } from './watch/command.ts';

/** The present of this file, for whatever stands behind the proxy. */
const NOW = 1_795_573_800;
const SICK_NAMES = Object.keys(SICK) as SickName[];

let fleet: Fleet;
let proxy: FaultProxy;
/** A process of its own, which waits while the others are at work. */
let patient: Promise<Ended>;

beforeAll(async () => {
  fleet = await startFleet(NOW, SICK_NAMES);
  proxy = await startFaultProxy({ clock: NOW });
  const silent = proxy.place('half-a-minute', fleet.healthy);
  silent.act(silence);
  patient = startCommand(['diagnose', '--prometheus', silent.url, '--timeout', '2m', '--format', 'json']).ended;
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
}, 120_000);
afterAll(async () => {
  vi.useRealTimers();
  await proxy?.close();
  await fleet?.stop();
});

/** Every cell played: what stood behind the fault, and whether it was called healthy. */
const cells: { readonly cell: string; readonly sick: boolean; readonly healthy: boolean }[] = [];

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Catches what is written until `end` is called. */
function listen(): { readonly said: { stdout: string; stderr: string }; readonly end: () => void } {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((piece) => {
      said[stream] += String(piece);
      return true;
    }),
  );
  return { said, end: () => spies.forEach((spy) => spy.mockRestore()) };
}

/** `vllm-triage diagnose`, in this process so that it costs a read and not a start. */
async function diagnose(url: string, ...args: string[]): Promise<Said> {
  const { said, end } = listen();
  let code = Number.NaN;
  try {
    const command = diagnoseCommand('1.0.0', (exit) => (code = exit));
    await command.parseAsync(['--prometheus', url, ...args], { from: 'user' });
  } finally {
    end();
  }
  return { code, ...said };
}

interface Told {
  readonly status: string;
  readonly findings: readonly { readonly pathology: string }[];
}

const STATUSES = [['healthy'], ['degraded', 'critical'], [], ['unknown']];

/** Holds what came of a fault against where it leads. */
function expectLeadsTo(fault: Fault, { code, stdout, stderr }: Said, sick: SickName | null): void {
  const told = stdout === '' ? null : (JSON.parse(stdout) as Told);
  cells.push({ cell: fault.id, sick: sick !== null, healthy: code === 0 || told?.status === 'healthy' });
  if (fault.says) expect(stdout + stderr).toMatch(fault.says);
  if (code === 2) expect(told).toBeNull();
  else expect(STATUSES[code]).toContain(told?.status);
  switch (fault.leads) {
    case 'blind':
      expect(code).toBe(2);
      break;
    case 'empty':
    case 'unknown':
      expect(code).toBe(3);
      break;
    case 'same':
      expect(code).toBe(sick ? 1 : 0);
      expect(told?.findings[0]?.pathology).toBe(sick ? SICK[sick].primary : undefined);
      break;
    case 'doubt':
      // What is spoilt is no reason to call a sick fleet healthy, nor a healthy one sick.
      expect(code).not.toBe(sick ? 0 : 1);
      break;
    default:
      fault.leads satisfies never;
  }
}

function placeFor(fault: Fault, sick: SickName | null): Place {
  const place = proxy.place(`${fault.id}-${sick ?? 'healthy'}`, sick ? fleet.sick[sick] : fleet.healthy);
  place.act(fault.act);
  return place;
}

describe.each([null, ...SICK_NAMES])('diagnose, with a fault before %s', (sick) => {
  // Where nothing can be read it does not matter what is behind it a third time.
  const further = sick !== null && sick !== 'kv-thrash-a';
  const faults = FAULTS.filter(({ leads }) => !further || leads === 'doubt' || leads === 'unknown');
  for (const fault of faults)
    test(`${fault.id}: ${fault.title}`, async () => {
      const said = await diagnose(placeFor(fault, sick).url, '--format', 'json');
      expectLeadsTo(fault, said, sick);
    });
});

for (const fault of STALLS)
  test(`diagnose ends in time where ${fault.title}`, async () => {
    for (const sick of [null, 'kv-thrash-a'] as const)
      expectLeadsTo(fault, await diagnose(placeFor(fault, sick).url, '--timeout', '500ms', '--format', 'json'), sick);
  });

for (const fault of LABEL)
  test(`no terminal obeys ${fault.title}`, async () => {
    for (const format of ['text', 'markdown']) {
      const { code, stdout } = await diagnose(placeFor(fault, 'kv-thrash-a').url, '--format', format);
      expect(code).toBe(1);
      // What is written has line ends of its own, and nothing else of the kind.
      expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
      expect(stdout).not.toMatch(/^\s*HEALTHY {2}/m);
    }
  });

test('nobody listens; and somebody else is there a moment later', async () => {
  const door = await startFaultProxy({ clock: NOW });
  const place = door.place('door', fleet.sick['kv-thrash-a']);
  await door.close();
  const refused = await diagnose(place.url, '--format', 'json');
  cells.push({ cell: 'refused', sick: true, healthy: refused.code === 0 });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/cannot be reached \(.*ECONNREFUSED/);
  await door.open();
  expect((await diagnose(place.url, '--format', 'json')).code).toBe(1);
  await door.close();
});

describe('clocks that differ', () => {
  // These servers tell their own time, so that what happens now happens now.
  let live: Fleet;
  beforeAll(async () => {
    vi.useRealTimers();
    live = await startFleet(Date.now() / 1000, ['kv-thrash-a']);
  }, 120_000);
  afterAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
    await live?.stop();
  });

  test.each([600, -600])('ours is %i s off: the present of the server is judged, and it is said', async (off) => {
    for (const [sick, url] of [
      [null, live.healthy],
      ['kv-thrash-a', live.sick['kv-thrash-a']],
    ] as const) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off * 1000 });
      const said = await diagnose(url, '--format', 'json');
      vi.useRealTimers();
      const says = off < 0 ? /clock here is 10 min( \d+ s)? behind/ : /clock here is (10|9) min( \d+ s)? ahead/;
      expectLeadsTo({ id: `skew${off}`, title: '', act: pass, leads: 'same', says }, said, sick);
    }
  });
});

describe('watch', () => {
  const chosen = [
    'reset',
    'reset-halfway',
    'status-401',
    'status-429',
    'status-500-page',
    'status-503',
    'page',
    'cut',
    'other-json',
    'nan',
    'huge-rates',
    'negative',
    'moved',
    'no-series',
    'no-names',
    'half-fails',
  ];
  const faults: readonly Fault[] = FAULTS.filter(({ id }) => chosen.includes(id));

  test('goes through every fault and back, and is never calm meanwhile', async () => {
    expect(faults).toHaveLength(chosen.length);
    const place = proxy.place('watch', fleet.sick['kv-thrash-a']);
    const { said, end } = listen();
    const before = new Set(process.listeners('SIGTERM'));
    const ended = new Command()
      .addCommand(watchCommand('1.0.0', () => undefined))
      .parseAsync(['watch', '--prometheus', place.url, '--every', '100ms', '--listen', ':0'], { from: 'user' });
    try {
      const own = await vi.waitUntil(() => /own metrics at (\S+)/.exec(said.stderr)?.[1], 20_000);
      const metrics = async () => {
        const text = await (await fetch(own)).text();
        const value = (name: string) =>
          Number(
            text
              .split('\n')
              .find((line) => line.startsWith(`${name} `))
              ?.split(' ')[1],
          );
        return {
          healthy: value('vllm_triage_status{status="healthy"}'),
          critical: value('vllm_triage_status{status="critical"}'),
          blind: value('vllm_triage_blind'),
          looks: value('vllm_triage_looks_total{result="read"}') + value('vllm_triage_looks_total{result="failed"}'),
        };
      };
      const sick = () => vi.waitUntil(async () => (await metrics()).critical === 1, { timeout: 30_000, interval: 100 });
      await sick();
      for (const fault of faults) {
        const heard = said.stderr.length;
        place.act(fault.act);
        // One look may have been under way.
        const { looks } = await metrics();
        await vi.waitUntil(async () => (await metrics()).looks >= looks + 2, { timeout: 30_000, interval: 50 });
        const now = await metrics();
        cells.push({ cell: `watch ${fault.id}`, sick: true, healthy: now.healthy === 1 });
        expect(now.healthy, fault.id).toBe(0);
        // Of what was read before something is left, so that only the loss of all is blindness.
        if (fault.leads === 'blind') {
          expect(now.blind, fault.id).toBe(1);
          expect(said.stderr.slice(heard)).toMatch(fault.says ?? /blind: /);
        }
        place.act(pass);
        await sick();
      }
    } finally {
      for (const listener of process.listeners('SIGTERM')) if (!before.has(listener)) listener('SIGTERM');
      await ended;
      end();
    }
    const lines = said.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { after: { status: string } });
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map(({ after }) => after.status)).not.toContain('healthy');
  }, 180_000);
});

test('a request that is not answered is given half a minute, and the program ends with 2', async () => {
  const { code, stdout, stderr } = await patient;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('did not answer within 30 s');
}, 120_000);

test('over the whole matrix no sick fleet was called healthy', () => {
  expect(cells.filter(({ sick, healthy }) => sick && healthy)).toEqual([]);
  expect(cells.length).toBeGreaterThan(180);
});
