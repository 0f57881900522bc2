import * as v from 'valibot';
import type { toJson } from '../../core/verdict/format.ts';
import type { SourceProblem } from '../../sources/errors.ts';
import { LIVES, THEMES } from '../url/session.ts';

/**
 * What a host and an embedded part say to each other: as options and callbacks where they share a page, as messages where the
 * part is a frame. docs/embed.md. Fields are only added; one that is not known is ignored.
 */
export const EMBED_SCHEMA = 'vllm-triage/embed/1';

const text = v.pipe(v.string(), v.maxLength(10_000));

/** Exactly one of the two. */
export const sourceSchema = v.union([
  v.object({ prometheus: text, metrics: v.optional(v.undefined()) }),
  v.object({ metrics: v.pipe(v.array(text), v.minLength(1)), prometheus: v.optional(v.undefined()) }),
]);

/** What is left out or `null` is not narrowed. */
export const scopeSchema = v.object({
  selector: v.nullish(text),
  model: v.nullish(text),
  replica: v.nullish(text),
});

/** Times as in a link: RFC 3339, unix milliseconds, `now-30m`. */
export const rangeSchema = v.object({
  from: v.nullish(text),
  to: v.nullish(text),
  live: v.optional(v.picklist(LIVES)),
});

export const themeSchema = v.picklist(THEMES);

/** Visible ASCII without blanks: what may stand in a header, and cannot start another one. */
export const tokenSchema = v.object({
  value: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,16384}$/, 'is no token')),
  /** Unix seconds. */
  expires: v.nullish(v.pipe(v.number(), v.finite())),
});

/** From the host to the frame. */
const hostMessage = v.variant('type', [
  v.object({ type: v.literal('source'), source: sourceSchema }),
  v.object({ type: v.literal('scope'), scope: scopeSchema }),
  v.object({ type: v.literal('range'), range: rangeSchema }),
  v.object({ type: v.literal('theme'), theme: themeSchema }),
  // Names the source it is for, so that it goes nowhere else whatever the frame shows at that moment.
  v.object({ type: v.literal('token'), source: sourceSchema, token: tokenSchema }),
]);
const envelope = v.object({ schema: v.literal(EMBED_SCHEMA) });

export type HostSource = v.InferOutput<typeof sourceSchema>;
export type HostScope = v.InferOutput<typeof scopeSchema>;
export type HostRange = v.InferOutput<typeof rangeSchema>;
export type HostToken = v.InferOutput<typeof tokenSchema>;
export type HostMessage = v.InferOutput<typeof hostMessage>;

/** From the embedded part to its host. */
export type EmbedEvent =
  /** It listens. */
  | { readonly type: 'ready' }
  /** Height of its content in CSS pixels. */
  | { readonly type: 'resize'; readonly height: number }
  | { readonly type: 'verdict'; readonly verdict: ReturnType<typeof toJson> }
  | { readonly type: 'error'; readonly problem: EmbedProblem; readonly says: string }
  /** Unix seconds; `null` where the source refused the token. */
  | { readonly type: 'token-expiring'; readonly source: string; readonly expires: number | null };

/** What went wrong: with the source, with a message, with a value in it, or here. */
export type EmbedProblem = SourceProblem | 'bad-message' | 'bad-value' | 'fault';

export type Tell = (event: EmbedEvent) => void;

/**
 * Checks what a host has sent.
 * @returns the message; a sentence where it is none, without a value of it, since one may be a token; `null` for what was said
 * by another program in the same window
 */
export function parseHostMessage(data: unknown): HostMessage | string | null {
  if (!v.is(envelope, data)) return null;
  const read = v.safeParse(hostMessage, data);
  return read.success ? read.output : sayIssues(read.issues);
}

/** Which field was refused and what was expected there. */
export function sayIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  const path = issue?.path?.map(({ key }) => String(key)).join('.') ?? '';
  return `${path === '' ? 'It' : path}: expected ${issue?.expected ?? 'something else'}.`;
}
