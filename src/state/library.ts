import * as v from 'valibot';

/** `library/index.json`, written by scripts/build-library.ts: what the start page says about each recording shipped with it. */
const librarySchema = v.object({
  recordings: v.array(
    v.object({
      name: v.string(),
      title: v.string(),
      says: v.string(),
      /** Line of the sparkline, one per replica where that is the story. */
      lines: v.array(v.array(v.nullable(v.number()))),
      label: v.string(),
      max: v.string(),
      /** Seconds. */
      duration: v.number(),
      replicas: v.number(),
      /** Unix seconds to read up to; `null` for all of it. The last scrape shows clients being cut off, which is no part of the story. */
      to: v.nullable(v.number()),
      /** Index into the lines at which the cause begins; `null` without one. */
      onset: v.nullable(v.number()),
    }),
  ),
});

export type Library = v.InferOutput<typeof librarySchema>;

/** @throws where the index is not one this page knows */
export function readLibrary(index: unknown): Library {
  return v.parse(librarySchema, index);
}
