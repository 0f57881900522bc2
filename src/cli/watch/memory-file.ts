import { readFile, rename, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Memory } from '../../core/watch/watch.ts';

const StandSchema = v.object({
  status: v.picklist(['healthy', 'degraded', 'critical', 'unknown']),
  primary: v.nullable(v.string()),
  severity: v.nullable(v.picklist(['critical', 'warning', 'info'])),
  instances: v.array(v.string()),
  model: v.nullable(v.string()),
  confidence: v.nullable(v.number()),
  headline: v.string(),
  lede: v.string(),
  since: v.nullable(v.number()),
  blind: v.nullable(v.string()),
});

const SCHEMA = 'vllm-triage/watch-state/1';
const FileSchema = v.object({
  schema: v.literal(SCHEMA),
  memory: v.object({
    told: v.object({ stand: StandSchema, at: v.number() }),
    doubt: v.nullable(
      v.object({ turn: v.picklist(['worse', 'better', 'lost', 'other']), looks: v.number(), from: v.number() }),
    ),
    recent: v.array(v.object({ key: v.string(), at: v.number() })),
  }),
});

/**
 * What an earlier run remembered; `null` without such a file.
 * @throws Error if the file is there and is something else: nothing of somebody else's is written over
 */
export async function readMemory(path: string): Promise<Memory | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`--state ${path}: ${(error as Error).message}`);
  }
  try {
    return v.parse(FileSchema, JSON.parse(text)).memory;
  } catch {
    throw new Error(`--state ${path}: expected a file written by vllm-triage watch; name another, or remove it`);
  }
}

/** Whole or not at all, whatever ends the process meanwhile. */
export async function writeMemory(path: string, memory: Memory): Promise<void> {
  await writeFile(`${path}.part`, `${JSON.stringify({ schema: SCHEMA, memory })}\n`);
  await rename(`${path}.part`, path);
}
