import type { FuzzedParser } from '../parser.ts';
import { address } from './address.ts';
import { prometheusAnswer } from './answers.ts';
import { hostMessage, servedPage } from './embed.ts';
import { droppedFile, gzip } from './files.ts';
import { loadtestJson, loadtestYaml, streamEvent } from './loadtest.ts';
import { log, pages, recording } from './metrics.ts';
import { modelConfig } from './model.ts';
import { selector } from './selector.ts';
import { snapshot } from './snapshot.ts';
import { sqlite } from './sqlite.ts';
import { nsysText, torchTrace } from './traces.ts';
import { flags, typed } from './typed.ts';

/** Every reader of what comes from outside. */
export const PARSERS: readonly FuzzedParser[] = [
  address,
  snapshot,
  hostMessage,
  servedPage,
  selector,
  typed,
  flags,
  modelConfig,
  prometheusAnswer,
  recording,
  pages,
  log,
  gzip,
  droppedFile,
  torchTrace,
  nsysText,
  sqlite,
  loadtestJson,
  loadtestYaml,
  streamEvent,
];
