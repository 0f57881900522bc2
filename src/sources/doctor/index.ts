import { authorised, mixedContent, pathPrefix, preflight, reachable, readable } from './reach.ts';
import { clock, isPrometheus, pointLimit, retention } from './api.ts';
import type { Check } from './check.ts';
import { cardinality, fresh, hasSeries, interval } from './series.ts';

/** From the address to a verdict, in the order they are taken. A check stands behind those it needs. */
export const CHECKS: readonly Check[] = [
  mixedContent,
  reachable,
  readable,
  preflight,
  authorised,
  pathPrefix,
  isPrometheus,
  hasSeries,
  fresh,
  interval,
  retention,
  clock,
  cardinality,
  pointLimit,
];
