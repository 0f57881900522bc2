import type { Dialect } from './dialect.ts';
import { nim } from './nim.ts';
import { sglang } from './sglang.ts';
import { tensorrtLlm } from './tensorrt-llm.ts';
import { textbook } from './textbook.ts';
import { tgi } from './tgi.ts';
import { triton } from './triton.ts';

/** In order of preference behind vLLM's own names. */
export const DIALECTS: readonly Dialect[] = [nim, sglang, tgi, tensorrtLlm, triton, textbook];
