import { signal } from '../signal.ts';

export const loggedEnds = signal({
  id: 'logged-ends',
  title: 'Ends in the log',
  family: 'telemetry',
  unit: 'count',
  kind: 'gauge',
  level: 'engine',
  names: [],
  by: 'cause',
  across: 'sum',
  worth: 3,
  doc: 'Processes that died so far, as the log of the server has it, by the error they died of. No page shows it: who is dead answers nobody.',
});
