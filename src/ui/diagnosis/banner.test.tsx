import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Remedy } from '../../core/detectors/detector.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { Banner, shownFinding, shownFlag } from './banner.tsx';
import { BLIND, SICK, WELL } from './testing/sample-verdict.ts';
import { TextbookRules } from './textbook.tsx';
import { confidenceWord, flagLines } from './words.tsx';

afterEach(cleanup);

function show(verdict: Verdict, opened: string | null = null) {
  const done = { onOpen: vi.fn(), onCopy: vi.fn(), onInstead: vi.fn(), onRuledOut: vi.fn(), onCannotTell: vi.fn() };
  const onTry = vi.fn();
  // Only a change of seats can be tried here.
  const tryOf = ({ knob }: Remedy) => (knob === 'max-num-seqs' ? onTry : null);
  render(<Banner verdict={verdict} opened={opened} copied={false} tryOf={tryOf} {...done} />);
  return { banner: screen.getByRole('region', { name: 'Verdict' }), onTry, ...done };
}

describe('banner', () => {
  it('carries the handles of the contract', () => {
    const { banner } = show(SICK);
    expect(banner.dataset.verdictStatus).toBe('critical');
    expect(banner.dataset.verdictPrimary).toBe('kv-cache-thrashing');
  });

  it('says what, how sure, why, what to change and what it costs', () => {
    const { banner } = show(SICK);
    for (const text of [
      'Critical',
      'very likely',
      'KV cache thrashing on vllm-0',
      'preemptions per finished request',
      'normal < 0.1',
      'was 64',
      'answers stop at 384 tokens',
      'More seats',
      'Memory leak',
    ])
      expect(banner.textContent).toContain(text);
  });

  it('offers to try a remedy that can be played, and no other', async () => {
    const { banner, onTry } = show(SICK);
    await userEvent.click(within(banner).getByRole('button', { name: /^Try it: / }));
    expect(onTry).toHaveBeenCalledOnce();
    cleanup();
    expect(within(show(SICK, 'overload').banner).queryByRole('button', { name: /^Try it: / })).toBeNull();
  });

  it('says that it moves', () => {
    const { banner } = show(SICK);
    expect(banner.textContent).toContain('It is not hung, only slow');
  });

  it('does not tell the first step twice: after the box comes what to leave alone', () => {
    const { banner } = show(SICK);
    const plan = within(banner).getByRole('region', { name: 'The plan, in order' });
    expect(
      within(plan)
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual([expect.stringMatching(/^Refuse above 40 requests\. Overload follows from/)]);
    expect(within(plan).getByRole('heading', { name: 'Not now' })).toBeTruthy();
    expect(within(plan).queryByRole('heading', { name: 'Then' })).toBeNull();
  });

  it('tells the whole plan beside another finding', async () => {
    const { banner, onOpen } = show(SICK, 'overload');
    const plan = within(banner).getByRole('region', { name: 'The plan, in order' });
    expect(within(plan).getAllByRole('listitem')[0]?.textContent).toMatch(
      /^1Fit the answers to the cache.*for KV cache thrashing/,
    );
    await userEvent.click(within(plan).getByRole('button', { name: 'KV cache thrashing' }));
    expect(onOpen).toHaveBeenCalledWith('kv-cache-thrashing');
  });

  it('hands the whole flag to the clipboard', async () => {
    const { banner, onCopy } = show(SICK);
    await userEvent.click(within(banner).getByRole('button', { name: /^Copy --max-num-seqs/ }));
    expect(onCopy).toHaveBeenCalledWith(`--max-num-seqs 24 --override-generation-config '{"max_new_tokens": 384}'`);
  });

  it('opens another finding, and orders nothing it is not sure of', async () => {
    const { onOpen } = show(SICK);
    await userEvent.click(screen.getByRole('button', { name: 'Overload' }));
    expect(onOpen).toHaveBeenCalledWith('overload');
    cleanup();
    const { banner } = show({
      ...SICK,
      findings: [{ ...(SICK.findings[0] as (typeof SICK.findings)[number]), confidence: 0.5 }],
    });
    expect(banner.textContent).toContain('Check first');
    expect(banner.textContent).not.toContain('Do now');
  });

  it('keeps the headline of the verdict when another finding is open only in the data', () => {
    const { banner } = show(SICK, 'overload');
    expect(within(banner).getByRole('heading', { level: 1 }).textContent).toBe('Overload');
    expect(banner.dataset.verdictPrimary).toBe('kv-cache-thrashing');
  });

  it('healthy rests on something', () => {
    const { banner } = show(WELL);
    expect(banner.dataset.verdictPrimary).toBe('');
    expect(banner.textContent).toContain('waiting, in every scrape');
    expect(banner.textContent).not.toContain('Do now');
  });

  it('without a verdict it asks for what would decide it', () => {
    const { banner } = show(BLIND);
    expect(banner.textContent).toContain('Cannot tell');
    expect(banner.textContent).toContain('Watch it for 6 h.');
    expect(banner.textContent).not.toContain('Healthy');
  });

  it('an id nobody knows opens the primary finding', () => {
    expect(shownFinding(SICK, 'nonsense')?.pathology).toBe('kv-cache-thrashing');
    expect(shownFinding(WELL, 'nonsense')).toBeNull();
    expect(shownFlag(SICK, 'overload')).toBeNull();
  });
});

describe('textbook rules', () => {
  it('say whether they fire, and where they disagree', () => {
    render(<TextbookRules results={SICK.textbook} titleOf={(id) => id} />);
    const rows = screen.getAllByRole('row').map((row) => row.textContent);
    expect(rows[1]).toContain('no');
    expect(rows[1]).toContain('the limit is absolute.');
    expect(rows[2]).toContain('cannot run');
    expect(rows[2]).toContain('agrees');
  });
});

describe('words', () => {
  it.each([
    ['--a 1', [{ name: '--a', value: '1' }]],
    [
      `--a 1 --b '{"c": 2, "d": 3}'`,
      [
        { name: '--a', value: '1' },
        { name: '--b', value: `'{"c": 2, "d": 3}'` },
      ],
    ],
    [
      '--enable-x --y=2',
      [
        { name: '--enable-x', value: '' },
        { name: '--y=', value: '2' },
      ],
    ],
    [
      'router --z 1',
      [
        { name: 'router', value: '' },
        { name: '--z', value: '1' },
      ],
    ],
  ])('%s stands in lines', (flag, lines) => {
    expect(flagLines(flag)).toEqual(lines);
  });

  it.each([
    [0.95, 'very likely'],
    [0.8, 'very likely'],
    [0.6, 'likely'],
    [0.4, 'possible'],
    [0.2, 'a weak hint'],
  ])('%s is %s', (confidence, word) => {
    expect(confidenceWord(confidence)).toBe(word);
  });
});
