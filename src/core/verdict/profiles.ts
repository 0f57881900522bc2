/**
 * SLO profiles. Targets are the textbook's; the percentile (95 % of requests) is ours, since it names none.
 * TTFT and E2E in seconds per request; TBT in seconds, compared with each request's own time per output token, not with
 * the share of slow steps: on a calm engine 2.5–11 % of steps carry a prefill and exceed 50 ms.
 */
export interface Targets {
  readonly profile: ProfileId;
  readonly ttft: number;
  readonly tbt: number;
  readonly e2e: number;
  /** Share of requests that should meet each target. */
  readonly objective: number;
}

export const PROFILE_IDS = ['chat', 'code-completion', 'rag', 'agentic', 'batch', 'custom'] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];

export const PROFILES: Readonly<Record<Exclude<ProfileId, 'custom'>, Targets>> = {
  chat: { profile: 'chat', ttft: 0.5, tbt: 0.05, e2e: 10, objective: 0.95 },
  'code-completion': { profile: 'code-completion', ttft: 0.2, tbt: 0.03, e2e: 3, objective: 0.95 },
  rag: { profile: 'rag', ttft: 1, tbt: 0.08, e2e: 15, objective: 0.95 },
  agentic: { profile: 'agentic', ttft: 2, tbt: 0.1, e2e: 30, objective: 0.95 },
  batch: { profile: 'batch', ttft: 5, tbt: 0.1, e2e: 60, objective: 0.95 },
};

/** @returns the targets of a profile; `custom` starts from chat unless targets are given. */
export function targetsOf(profile: ProfileId, custom?: Partial<Pick<Targets, 'ttft' | 'tbt' | 'e2e'>>): Targets {
  if (profile === 'custom') return { ...PROFILES.chat, ...custom, profile };
  return PROFILES[profile];
}
