import { type Advice, type AdviceContext, adviceFor } from '../advice.ts';
import type { SourceProblem } from '../errors.ts';
import { pageAddress } from './target.ts';

/** The next step where /metrics pages fail: what differs from a Prometheus, whose advice holds for the rest. */
export function scrapeAdvice(problem: SourceProblem, context: AdviceContext = {}): Advice {
  const { origin, url } = context;
  const page = url ? pageAddress(url) : null;
  const curl = page === null ? null : `curl -sS '${page}' | head`;
  switch (problem) {
    case 'cors':
      return {
        title: 'Let vLLM answer this page',
        todo: 'The server is alive, but from 0.32 on vLLM lets no page of another origin read it. Start it with the flag below, or run `vllm-triage serve --metrics URL`, which needs none.',
        line: `--allowed-origins '${JSON.stringify([origin ?? 'https://triage.example'])}'`,
      };
    case 'unreachable':
      return { ...adviceFor(problem, context), line: curl };
    case 'unreadable':
      return {
        title: 'Give the address of a /metrics page',
        todo: 'vLLM answers with its metrics at /metrics of its own port, 8000 unless it was told otherwise. Look at what stands there.',
        line: curl,
      };
    case 'forbidden':
      return {
        title: 'Ask for access to the page',
        todo: 'Something in front of vLLM refuses the page to these credentials. vLLM itself asks for none at /metrics.',
        line: null,
      };
    case 'empty':
      return {
        title: 'Look whether this is a vLLM server',
        todo: 'The page holds no metric of vLLM. A server started with --disable-log-stats exports none; a gateway in front may answer with its own.',
        line: page === null ? null : `curl -sS '${page}' | grep -m1 '^vllm:'`,
      };
    case 'timeout':
      return {
        title: 'Look whether the server hangs',
        todo: 'A page is there within milliseconds on a healthy server. One that takes seconds has an API process that is blocked or starved of CPU.',
        line: curl,
      };
    default:
      return adviceFor(problem, context);
  }
}
