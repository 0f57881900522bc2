import { SourceError } from '../../../src/sources/errors.ts';
import { matrixOnGrid, namesOf, nativeOnGrid, sampleTimes, vectorOf } from '../../../src/sources/prometheus/answers.ts';
import { createClient } from '../../../src/sources/prometheus/client.ts';
import { flavourOf } from '../../../src/sources/prometheus/flavour.ts';
import type { FuzzedParser } from '../parser.ts';

const never = new AbortController().signal;
const grid = { from: 1_795_600_000, step: 15, count: 8 };
const readers = [
  (data: unknown) => matrixOnGrid(data, grid),
  (data: unknown) => nativeOnGrid(data, grid),
  sampleTimes,
  vectorOf,
  namesOf,
  flavourOf,
];
const success = (data: unknown, more: object = {}) => JSON.stringify({ status: 'success', data, ...more });
const metric = { instance: 'vllm-0:8000', engine: '0', model_name: 'm' };

/** Answers of a Prometheus API, with the status their first letters give: the body of a response, as the client reads it. */
export const prometheusAnswer: FuzzedParser = {
  id: 'prometheus-answer',
  title: 'answers of a Prometheus API',
  seeds: () => [
    success(
      {
        resultType: 'matrix',
        result: [
          {
            metric,
            values: [
              [1_795_600_000, '1.5'],
              [1_795_600_015, 'NaN'],
            ],
          },
        ],
      },
      { warnings: ['partial'], infos: ['i'] },
    ),
    success({
      resultType: 'matrix',
      result: [
        {
          metric,
          histograms: [
            [
              1_795_600_015,
              {
                count: '3',
                sum: '1.5',
                buckets: [
                  [0, '0', '0.1', '1'],
                  [0, '0.1', '+Inf', '2'],
                ],
              },
            ],
          ],
        },
      ],
    }),
    success({ resultType: 'vector', result: [{ metric, value: [1_795_600_000.5, '7'] }] }),
    success(['vllm:num_requests_running', 'up']),
    success({ version: '3.0.0', revision: 'x', application: 'Prometheus' }),
    JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'exceeded maximum resolution of 11,000 points' }),
    '<!doctype html><html><body>Sign in</body></html>',
  ],
  words: [
    '"status":"success"',
    '"result"',
    '"values"',
    '"histograms"',
    '"+Inf"',
    '"metric":{}',
    'null',
    '[',
    ']',
    '{',
    '}',
    '<html>',
  ],
  async read(text) {
    const status = text.length % 5 === 0 ? ([400, 401, 404, 422, 429, 503][text.length % 6] as number) : 200;
    const fetch = () => Promise.resolve(new Response(text, { status }));
    const client = createClient({ url: 'http://prometheus.example' }, { fetch, now: () => grid.from });
    const { data } = await client.ask('query', [], never);
    // Each reads one form of answer; that one of them can is what counts.
    const refused = readers.map((read) => {
      try {
        read(data);
        return null;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        return error;
      }
    });
    const [first] = refused;
    if (first && refused.every((error) => error !== null)) throw first;
  },
  refuses: (error) => error instanceof SourceError,
};
