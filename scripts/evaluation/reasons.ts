/** Why a class stays short of its bar, in one sentence for the report. Writing the report fails without it. */
export const REASONS: Readonly<Record<string, string>> = {
  'kv-cache-thrashing':
    'The pool must fill first, 20 to 30 s after the traffic changed; then three requests must be thrown out and still be missed at the next scrape. A mild storm is an orderly queue for blocks until then, and scrapes of 10 s and more add two of them.',
  'prefill-starvation':
    'The budget is in no metric; without enough variation of load in the window a step cannot be split into what is paid anyway and what its tokens cost, and then a queue for the budget is called overload.',
  'gpu-underutilization':
    'Half an hour is called provisional at best, and a fleet scraped once a minute with under one request running shows too few requests to say more than idle.',
  'long-request-spike':
    'Prompt lengths are exported when a request finishes, a residence after the spike began, and the finding must stand at the next scrape; until then the queue is called overload. With scrapes of 15 s and more a mild spike of a few prompts is over before it is told.',
  overload:
    'What is missed are chains: where clients leave within seconds, or scrapes are slow, demand is not seen apart from retries and the storm is named, since the number of attempts per request is counted nowhere.',
  'seat-ceiling':
    'A cap nobody told must be read off a flat top, which takes 40 s and five samples, and two minutes with scrapes a minute apart; mild episodes of a few minutes are over by then.',
  'prefill-decode-interference':
    'It shows in the tail of the gaps alone: with scrapes of 15 s and more, or where answers keep their mean pace, it is not told from what any engine with prompts does, and silence was preferred to advice beside every second healthy fleet.',
  'decode-slowdown':
    'A mild one makes a quarter of the answers a tenth too slow; the fit of step time against load needs a wider range of load than such a window shows.',
  'cuda-graph-cliff':
    'Where a batch jumps over the edge in one burst, only steps longer than their tokens can account for tell it from a smooth bend; with scrapes of 30 s both sides take six minutes to see.',
  'retry-storm':
    'Without a gateway that counts attempts it is capped at 0.55 and shares its signs with overload; with scrapes of 60 s rates span four minutes, the hang-ups are seen first, and a storm of three minutes is over before its retries are.',
  'workload-shift':
    'A shift without harm is advice and needs 25 finished requests on each side of it within two minutes; slow fleets finish fewer. Where rate and lengths change together and bring a storm, the storm is named and the shift stands beside it.',
  'cpu-bound':
    'Once the API server is too busy to answer its scrapes nobody sees the engine, and the verdict is that it cannot tell.',
  'engine-stall':
    'A queue that grows before an engine which lets nobody in looks like overload until nothing has moved for half a minute; with scrapes of 10 s and more that is a minute and a half.',
  'slow-replica':
    'Two replicas give one peer each: which of them is the slow one takes longer to tell, and a queue on it is called overload first.',
  'load-imbalance':
    'In small fleets inequality by chance must be ruled out first, which takes minutes at few requests a second.',
  'request-failures':
    'Hang-ups are counted nowhere; they are recovered from a balance that needs a hundred first tokens.',
  'crash-loop':
    'With scrapes of more than 10 s one restart that nobody feels cannot be told from a drained one and stays a remark until the second.',
  'memory-leak': 'A leak that takes hours shows as a trend only; half an hour tells the fast ones alone.',
  'telemetry-gap':
    'Up to two minutes a minority of replicas out of sight is a remark, so that lost scrapes and rollouts raise no alarm.',
};
