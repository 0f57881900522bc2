import { describe, expect, test } from 'vitest';
import { SourceError } from '../errors.ts';
import type { Answer, PrometheusClient } from './client.ts';
import { detectFlavour, flavourOf } from './flavour.ts';

/** Build information as the programs give it; from their sources and documentation, named beside each. */
const BUILD_INFO = {
  // Prometheus 2.42 of Debian 12, asked.
  debian: {
    version: '2.42.0+ds',
    revision: '2.42.0+ds-5+b5',
    branch: 'debian/sid',
    buildUser: 'team+pkg-go@tracker.debian.org',
    buildDate: '20230323-20:50:38',
    goVersion: 'go1.19.8',
  },
  // prometheus docs/querying/api.md, "Build Information", as of 3.x.
  three: {
    version: '3.5.0',
    revision: '8be3a9560fbdd18a94dedec4b747c35178177202',
    branch: 'HEAD',
    buildUser: 'root@4451b64cb451',
    buildDate: '20250714-16:15:23',
    goVersion: 'go1.24.5',
  },
  // A build of one's own carries no version: prometheus/common version.go fills only what the linker was told.
  own: { version: '', revision: 'unknown', branch: '', buildUser: '', buildDate: '', goVersion: 'go1.24.5' },
  // thanos pkg/api/api.go, `ThanosVersion`.
  thanos: {
    version: '0.39.2',
    revision: 'e1b1c2f',
    branch: 'HEAD',
    buildUser: 'a@b',
    buildDate: '',
    goVersion: 'go1.24.5',
  },
  // grafana/mimir pkg/api, `buildInfoResponse`.
  mimir: {
    application: 'Grafana Mimir',
    version: '2.15.0',
    revision: '9fd2da5',
    branch: 'HEAD',
    goVersion: 'go1.23.4',
    features: { ruler_config_api: 'true', query_sharding: 'true' },
  },
  // cortexproject/cortex pkg/api, the same shape.
  cortex: {
    application: 'Cortex',
    version: '1.18.0',
    revision: 'abc',
    branch: 'HEAD',
    goVersion: 'go1.22.5',
    features: {},
  },
  // VictoriaMetrics 1.79.5 of Debian 12, asked; app/vmselect/main.go since 2023.
  victoria: {},
  victoriaSince2023: { version: '2.24.0' },
} as const;

describe('build information', () => {
  test.each([
    ['debian', 'prometheus', 'Prometheus 2.42.0+ds'],
    ['three', 'prometheus', 'Prometheus 3.5.0'],
    ['own', 'prometheus', 'Prometheus'],
    ['thanos', 'thanos', 'Thanos 0.39.2'],
    ['mimir', 'mimir', 'Grafana Mimir 2.15.0'],
    ['cortex', 'cortex', 'Cortex 1.18.0'],
  ] as const)('%s is %s', (key, id, title) => {
    expect(flavourOf(BUILD_INFO[key])).toMatchObject({ id, title });
  });

  test.each(['victoria', 'victoriaSince2023'] as const)('%s settles nothing', (key) => {
    expect(flavourOf(BUILD_INFO[key])).toBeNull();
  });

  test('another form is no answer', () => {
    for (const data of [null, 'text', [], { version: 3 }]) expect(flavourOf(data)).toBeNull();
  });
});

describe('detection', () => {
  const never = new AbortController().signal;
  const refusal = (problem: 'not-prometheus' | 'bad-query' | 'cors' | 'timeout') => new SourceError(problem, problem);
  /** @param knowsNow whether `now()` is a function to it */
  const server = (build: unknown, knowsNow: boolean, asked: string[] = []): PrometheusClient => ({
    label: 'http://x',
    ask: async (path, params): Promise<Answer> => {
      asked.push(path);
      if (path === 'query') {
        if (!knowsNow || params[0]?.[1] !== 'now()') throw refusal('bad-query');
        return { data: { resultType: 'vector', result: [] }, warnings: [] };
      }
      if (build instanceof SourceError) throw build;
      return { data: build, warnings: [] };
    },
  });

  test.each([
    ['VictoriaMetrics answers with nothing', {}, true, 'victoria-metrics'],
    ['VictoriaMetrics claims to be Prometheus', BUILD_INFO.victoriaSince2023, true, 'victoria-metrics'],
    ['VictoriaMetrics may not be read by a page', refusal('cors'), true, 'victoria-metrics'],
    ['a managed service without build information', refusal('not-prometheus'), false, 'unknown'],
    ['a version alone, and not MetricsQL', { version: '2.30.0' }, false, 'prometheus'],
  ] as const)('%s', async (_name, build, knowsNow, id) => {
    expect((await detectFlavour(server(build, knowsNow), never)).id).toBe(id);
  });

  test('where the first answer settles it no second question is asked', async () => {
    const asked: string[] = [];
    await detectFlavour(server(BUILD_INFO.mimir, false, asked), never);
    expect(asked).toEqual(['status/buildinfo']);
  });

  test('a server that is too slow is not taken for an unknown one', async () => {
    await expect(detectFlavour(server(refusal('timeout'), true), never)).rejects.toThrow('timeout');
  });
});
