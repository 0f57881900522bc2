import { Readable } from 'node:stream';
import { type Act, ALLOWED, type Exchange, pass, send } from './proxy.ts';

/** The connection is reset before a byte of an answer. */
export const reset: Act = ({ response }) => {
  response.socket?.resetAndDestroy();
};

/** Half of the answer arrives, then the connection is reset. */
export const resetHalfway: Act = async (exchange) => {
  const { response } = exchange;
  await begin(exchange);
  setTimeout(() => response.socket?.resetAndDestroy(), 20);
};

/** Takes the request and never answers. */
export const silence: Act = () => undefined;

/** Half of the answer arrives, and no more. */
export const silenceHalfway: Act = async (exchange) => {
  await begin(exchange);
};

/** A byte now and then: never silent, never done. */
export const drip: Act = async ({ response, ask }) => {
  const { status, type, body } = await ask();
  response.writeHead(status, { ...ALLOWED, 'Content-Type': type });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.charAt(sent));
    sent += 1;
  }, 200);
  response.once('close', () => clearInterval(timer));
};

/** Sends the first half of an answer whose whole length it promised. */
async function begin({ response, ask }: Exchange): Promise<void> {
  const { status, type, body } = await ask();
  response.writeHead(status, { ...ALLOWED, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.write(body.slice(0, Math.floor(body.length / 2)));
}

/** Another answer in place of the server's. */
export function answers(status: number, body: string, type = 'text/plain'): Act {
  return ({ response }) => send(response, { status, type, body });
}

/** An answer of a gateway that knows nothing of pages from other origins, so that a browser hides it. */
export function hidden(status: number, body: string): Act {
  return ({ response }) => void response.writeHead(status, { 'Content-Type': 'text/plain' }).end(body);
}

/** Calls itself packed and is not. */
export function packed(body: string): Act {
  return ({ response }) =>
    void response
      .writeHead(200, { ...ALLOWED, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
      .end(body);
}

/** Sends every request on to another address. */
export function redirects(to: string): Act {
  return ({ response }) => void response.writeHead(302, { ...ALLOWED, Location: to }).end();
}

/** An error in the words of the API. */
export function refusal(status: number, errorType: string, error: string): Act {
  return answers(status, JSON.stringify({ status: 'error', errorType, error }), 'application/json');
}

/** The server's answer under another content type. */
export function typed(type: string): Act {
  return async ({ response, ask }) => send(response, { ...(await ask()), type });
}

/** The server's answer with its text changed. */
export function text(change: (body: string) => string): Act {
  return async ({ response, ask }) => {
    const answered = await ask();
    send(response, { ...answered, body: change(answered.body) });
  };
}

/** The fault for some requests alone. */
export function only(when: (exchange: Exchange) => boolean, act: Act): Act {
  return (exchange) => (when(exchange) ? act(exchange) : pass(exchange));
}

/** Every question for numbers, of a range or of a moment. */
export const asksNumbers = ({ path }: Exchange): boolean => path.startsWith('query');

/** The expression asked for. */
export const expression = ({ params }: Exchange): string => params.get('query') ?? '';

/** An answer of the API, as far as faults change it. */
interface Answer {
  status: string;
  data: unknown;
  warnings?: string[];
  infos?: string[];
}

/** A series of an answer: its points, however many there are. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}
export type Point = readonly [time: number, value: string];

/** The server's answer, changed. */
export function answer(change: (answer: Answer, exchange: Exchange) => void): Act {
  return async (exchange) => {
    const answered = await exchange.ask();
    const parsed = JSON.parse(answered.body) as Answer;
    change(parsed, exchange);
    send(exchange.response, { ...answered, body: JSON.stringify(parsed) });
  };
}

/** Answers as a store that holds nothing. */
export const noData: Act = answer((parsed, { path }) => {
  parsed.data = path.startsWith('query') ? { resultType: 'matrix', result: [] } : [];
});

/** The series of every answer that has some, changed. */
export function series(change: (series: readonly Series[], exchange: Exchange) => readonly Series[]): Act {
  return answer((parsed, exchange) => {
    const { resultType, result } = (parsed.data ?? {}) as { resultType?: string; result?: unknown };
    if (resultType !== 'matrix' && resultType !== 'vector') return;
    const raw = result as { metric: Series['metric']; value?: Point; values?: Point[] }[];
    const changed = change(
      raw.map(({ metric, value, values }) => ({ metric, points: values ?? (value ? [value] : []) })),
      exchange,
    );
    parsed.data = {
      resultType,
      result: changed.map(({ metric, points }) =>
        resultType === 'matrix' ? { metric, values: points } : { metric, value: points[0] },
      ),
    };
  });
}

/** Every value of every series, changed; times stay. */
export function values(change: (value: string, index: number) => string): Act {
  return series((all) =>
    all.map((one) => ({ ...one, points: one.points.map(([time, value], i): Point => [time, change(value, i)]) })),
  );
}

/**
 * Counters as of a process that begins anew at every scrape: each tells what was counted since the scrape before. The server
 * itself makes rates of them, since what they come to is its business.
 * @param interval seconds between scrapes
 */
export function restarts(interval: number): Act {
  const rates = /\brate\(([\w:]+(?:\{[^}]*\})?)\[(\w+)\]\)/g;
  return async (exchange) => {
    const anew = expression(exchange).replace(rates, `rate(($1 - $1 offset ${interval}s)[$2:${interval}s])`);
    if (exchange.path.startsWith('query')) exchange.params.set('query', anew);
    await pass(exchange);
  };
}

/** The values of some labels, changed. */
export function labels(change: Readonly<Record<string, (value: string) => string>>): Act {
  return series((all) =>
    all.map(({ metric, points }) => ({
      points,
      metric: Object.fromEntries(
        Object.entries(metric).map(([name, value]) => [name, change[name] ? change[name](value) : value]),
      ),
    })),
  );
}

/** An answer of so many engines, each with a single point, written as fast as somebody reads it. */
export function crowd(size: number): Act {
  return ({ response, params }) => {
    const time = params.get('end') ?? params.get('time') ?? '0';
    const seconds = Number.isNaN(Number(time)) ? Date.parse(time) / 1000 : Number(time);
    function* pieces(): Generator<string> {
      yield '{"status":"success","data":{"resultType":"matrix","result":[';
      for (let at = 0; at < size; at += 1000) {
        const some = Array.from(
          { length: Math.min(1000, size - at) },
          (_, i) =>
            `{"metric":{"engine":"0","instance":"vllm-${at + i}:8000","model_name":"tiny"},"values":[[${seconds},"1"]]}`,
        );
        yield (at === 0 ? '' : ',') + some.join(',');
      }
      yield ']}}';
    }
    response.writeHead(200, { ...ALLOWED, 'Content-Type': 'application/json' });
    const stream = Readable.from(pieces());
    response.once('close', () => stream.destroy());
    stream.pipe(response);
  };
}
