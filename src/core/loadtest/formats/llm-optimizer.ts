import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { LoadRun } from '../run.ts';
import type { LoadFormat } from './format.ts';
import { sglangRun } from './sglang.ts';

/**
 * bentoml llm-optimizer: JSON Lines of `{config, results}`, or one object with `test_results` of the same. The results have the keys
 * of SGLang's; with them come the flags the server was started with. Source: bentoml/llm-optimizer README.
 */
export const llmOptimizer: LoadFormat = {
  id: 'llm-optimizer',
  title: 'llm-optimizer',
  recognises: (record) =>
    (isObject(at(record, 'results')) && isObject(at(record, 'config', 'server_args'))) ||
    listAt(record, 'test_results').some((one) => isObject(at(one, 'results'))),
  read: (records, { file }) =>
    records.flatMap((record) => {
      const many = listAt(record, 'test_results');
      return (many.length > 0 ? many : [record]).flatMap((one) =>
        isObject(at(one, 'results')) ? [runOf(one, file)] : [],
      );
    }),
};

function runOf(record: Json, file: string): LoadRun {
  const results: JsonObject = { ...objectAt(record, 'config', 'client_args'), ...objectAt(record, 'results') };
  const run = sglangRun(results, file);
  const args = Object.entries(objectAt(record, 'config', 'server_args')).filter(
    ([, value]) => value !== null && !isObject(value),
  );
  const serverArgs = Object.fromEntries(args.map(([name, value]) => [name.replaceAll('_', '-'), String(value)]));
  return {
    ...run,
    format: 'llm-optimizer',
    tool: 'llm-optimizer',
    model: run.model ?? textAt(record, 'config', 'server_args', 'model') ?? textAt(record, 'model'),
    serverArgs,
  };
}
