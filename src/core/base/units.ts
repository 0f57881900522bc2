/** Units of numbers inside the core: always base units, as Prometheus keeps them. */
export type Unit =
  | 'seconds'
  | 'bytes'
  | 'ratio'
  | 'count'
  | 'requests'
  | 'tokens'
  | 'per-second'
  | 'requests-per-second'
  | 'tokens-per-second'
  | 'steps-per-second'
  | 'hertz'
  | 'watts';
