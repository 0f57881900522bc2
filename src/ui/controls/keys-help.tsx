import { Key } from './key.tsx';

/** One list for the help dialog, the footer and whoever wants to know what a key does. */
export const KEYS: readonly {
  readonly keys: readonly string[];
  readonly does: string;
  readonly where: 'everywhere' | 'incident' | 'start';
}[] = [
  { keys: ['?'], does: 'this help', where: 'everywhere' },
  { keys: ['⌘K', 'Ctrl K'], does: 'commands', where: 'everywhere' },
  { keys: ['t'], does: 'theme: light, dark, as the system', where: 'everywhere' },
  { keys: ['j', 'k'], does: 'next, previous recording', where: 'start' },
  { keys: ['↵'], does: 'open the recording chosen', where: 'start' },
  { keys: ['j', 'k'], does: 'next, previous finding', where: 'incident' },
  { keys: ['c'], does: 'copy the flag', where: 'incident' },
  { keys: ['r'], does: 'what was ruled out', where: 'incident' },
  { keys: ['1', '2', '3', '4'], does: 'go to a row of charts', where: 'incident' },
  { keys: ['[', ']'], does: 'shorter, longer range', where: 'incident' },
  { keys: ['␣'], does: 'pause or go live; on a recording, replay', where: 'incident' },
  { keys: ['←', '→'], does: 'one scrape back, forward', where: 'incident' },
  { keys: ['s'], does: 'copy a link to exactly this', where: 'incident' },
];

export function KeysHelp() {
  return (
    <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
      {(['incident', 'everywhere', 'start'] as const).map((where) => (
        <section key={where}>
          <h3 className="mb-1 font-[620]">
            {where === 'incident' ? 'On an incident' : where === 'start' ? 'On the start page' : 'Everywhere'}
          </h3>
          <dl>
            {KEYS.filter((key) => key.where === where).map((key) => (
              <div key={key.keys.join() + key.does} className="flex items-center gap-3 py-1">
                <dt className="flex w-[92px] shrink-0 gap-1">
                  {key.keys.map((cap) => (
                    <Key key={cap}>{cap}</Key>
                  ))}
                  <span className="sr-only">{key.keys.join(' or ')}</span>
                </dt>
                <dd className="text-ink-2">{key.does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
