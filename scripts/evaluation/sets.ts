/** The labelled recordings: the incident library shipped with the page, and scenes of other sizes that are only for testing. */
const at = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

export interface RecordingSet {
  readonly name: string;
  readonly truth: string;
  readonly file: (recording: string) => string;
}

export const RECORDING_SETS: readonly RecordingSet[] = [
  { name: 'library', truth: at('public/library/truth.json'), file: (name) => at(`public/library/${name}.om.gz`) },
  {
    name: 'own',
    truth: at('e2e/fixtures/recordings/truth.json'),
    file: (name) => at(`e2e/fixtures/recordings/${name}.om.gz`),
  },
];
