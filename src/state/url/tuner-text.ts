/** What the address says to the tuner, in its own words; the tuner alone understands it, and reads it in url/tuner.ts. */
export type TunerText = Readonly<Partial<Record<(typeof TUNER_NAMES)[number], string>>>;

/** In the order of the address. */
export const TUNER_NAMES = [
  'gpu',
  'preset',
  'config',
  'tp',
  'pp',
  'dp',
  'kv',
  'ttft-p95',
  'itl-p95',
  'throughput',
  'inputs',
] as const;

/** @returns `null` unless the address says `tune=1` */
export function readTunerText(
  text: (name: string) => string | null,
  note: (id: string, says: string) => void,
): TunerText | null {
  const on = text('tune');
  if (on === null || on === '0') return null;
  if (on !== '1') note('tune', `tune=${on} is neither 1 nor 0; showing the tuner.`);
  return Object.fromEntries(
    TUNER_NAMES.flatMap((name) => {
      const value = text(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** @returns names and values for the address */
export function tunerPairs(tuner: TunerText | null): [string, string | undefined][] {
  return tuner === null
    ? []
    : [['tune', '1'], ...TUNER_NAMES.map((name): [string, string | undefined] => [name, tuner[name]])];
}
