import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SCENES } from '../../core/detectors/kv-cache-thrashing/scenes.ts';
import { PANELS } from '../../core/panels/index.ts';
import type { Panel } from '../../core/panels/panel.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { PanelRows } from '../panels/panel-rows.tsx';
import { Boundary } from './boundary.tsx';
import DialogSheet from './dialog-sheet.tsx';
import { lazily } from './later.ts';

beforeEach(() => {
  // React tells the console of what a boundary caught.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

let broken = true;
function Fragile({ says }: { readonly says: string }) {
  if (broken) throw new Error('planted');
  return <p>{says}</p>;
}

test('a panel that throws takes down itself alone, and comes back when it is tried again', async () => {
  const chat = targetsOf('chat');
  const [planted, other] = PANELS as readonly [Panel, Panel];
  const build = vi.spyOn(planted, 'build').mockImplementation(() => {
    throw new Error('planted');
  });
  render(<PanelRows evidence={SCENES.sick} verdict={diagnose(SCENES.sick, chat)} targets={chat} folded={false} />);
  const panel = screen.getByRole('region', { name: planted.title });
  const alert = await within(panel).findByRole('alert');
  expect(alert.textContent).toContain(`${planted.title} could not be drawn`);
  expect(alert.textContent).toContain('planted');
  await waitFor(() => expect(screen.getByRole('region', { name: other.title }).textContent).not.toContain('planted'));
  expect(screen.getAllByRole('alert')).toHaveLength(1);
  build.mockRestore();
  await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
  expect(within(panel).queryByRole('alert')).toBeNull();
});

test('what a dialog holds throws: the dialog stands, says so, and can be closed', async () => {
  broken = true;
  const onClose = vi.fn();
  render(
    <>
      <h1>KV cache thrashing</h1>
      <DialogSheet open onClose={onClose} title="Export" help="For the source on the screen.">
        <Fragile says="files" />
      </DialogSheet>
    </>,
  );
  const dialog = screen.getByRole('dialog', { name: 'Export' });
  expect(within(dialog).getByRole('alert').textContent).toContain('Export could not be drawn');
  expect(screen.getByText('KV cache thrashing')).toBeTruthy();
  broken = false;
  await userEvent.click(within(dialog).getByRole('button', { name: 'Try again' }));
  expect(within(dialog).getByText('files')).toBeTruthy();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  expect(onClose).toHaveBeenCalled();
});

test('the next data tries again by itself, and something stands in the place of what failed', () => {
  broken = true;
  const part = (attempt: number) => (
    <Boundary name="The proof" attempt={attempt} instead={<h1>KV cache thrashing</h1>}>
      <Fragile says="drawn" />
    </Boundary>
  );
  const { rerender } = render(part(1));
  expect(screen.getByRole('heading').textContent).toBe('KV cache thrashing');
  broken = false;
  rerender(part(1));
  expect(screen.queryByText('drawn')).toBeNull();
  rerender(part(2));
  expect(screen.getByText('drawn')).toBeTruthy();
});

test('a script that did not load is loaded anew when it is tried again, and not before', async () => {
  const load = vi
    .fn<() => Promise<{ default: typeof Fragile }>>()
    .mockRejectedValueOnce(new Error('no network'))
    .mockResolvedValue({ default: Fragile });
  broken = false;
  const Late = lazily(load);
  render(
    <Boundary name="The share sheet" afloat>
      <Suspense>
        <Late says="sheet" />
      </Suspense>
    </Boundary>,
  );
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('no network');
  expect(load).toHaveBeenCalledTimes(1);
  await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
  await screen.findByText('sheet');
  expect(load).toHaveBeenCalledTimes(2);
});
