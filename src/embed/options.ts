import * as v from 'valibot';
import {
  type EmbedEvent,
  rangeSchema,
  sayIssues,
  scopeSchema,
  sourceSchema,
  themeSchema,
  tokenSchema,
} from '../state/embed/protocol.ts';

const optionsSchema = v.object({
  source: sourceSchema,
  scope: v.optional(scopeSchema),
  range: v.optional(rangeSchema),
  profile: v.optional(v.string()),
  theme: v.optional(themeSchema),
  show: v.optional(v.union([v.picklist(['banner', 'strip']), v.object({ panel: v.string() })])),
  token: v.optional(tokenSchema),
  app: v.optional(v.pipe(v.string(), v.url())),
});

/** What a host asks for, docs/embed.md. */
export interface MountOptions extends v.InferInput<typeof optionsSchema> {
  /** Told what happens: the same events a frame posts. */
  readonly onEvent?: (event: EmbedEvent) => void;
}

export type CheckedOptions = v.InferOutput<typeof optionsSchema>;

/** @throws TypeError with the field that is wrong, never with its value, which may be a token */
export function checkOptions(options: Omit<MountOptions, 'onEvent'>): CheckedOptions {
  const read = v.safeParse(optionsSchema, options);
  if (!read.success) throw new TypeError(`vLLM Triage options: ${sayIssues(read.issues)}`);
  return read.output;
}
