import type { Request } from './request.ts';

/** Largest number of blocks one prompt may have. */
const SPAN = 65536;

/**
 * The KV blocks of an engine. A block in use has references; one without stays findable by its content until the least
 * recently used of them is taken for something new. Free = without references, findable or not.
 */
export class BlockPool {
  free: number;
  private readonly references: Int32Array;
  private readonly keys: Float64Array;
  private readonly before: Int32Array;
  private readonly after: Int32Array;
  private readonly index = new Map<number, number>();
  /** Entry of the circular list of free blocks: oldest first behind it. */
  private readonly root: number;

  readonly total: number;
  readonly blockSize: number;
  private readonly caching: boolean;

  constructor(total: number, blockSize: number, caching: boolean) {
    this.total = total;
    this.blockSize = blockSize;
    this.caching = caching;
    this.free = total;
    this.root = total;
    this.references = new Int32Array(total);
    this.keys = new Float64Array(total);
    this.before = new Int32Array(total + 1);
    this.after = new Int32Array(total + 1);
    for (let i = 0; i <= total; i += 1) {
      this.before[i] = i === 0 ? total : i - 1;
      this.after[i] = i === total ? 0 : i + 1;
    }
  }

  /** Share of blocks with references. */
  get usage(): number {
    return 1 - this.free / this.total;
  }

  blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.blockSize);
  }

  /** How many leading blocks of the request's tokens are findable; at least its last token is always left to compute. */
  hits(request: Request): number {
    if (!this.caching) return 0;
    const most = Math.floor((request.length - 1) / this.blockSize);
    let count = 0;
    while (count < most && this.index.has(this.keyOf(request, count))) count += 1;
    return count;
  }

  /** Of the leading `count` findable blocks, those that are free: using them makes as many fewer free. */
  idleHits(request: Request, count: number): number {
    let idle = 0;
    for (let i = 0; i < count; i += 1) {
      if (this.references[this.index.get(this.keyOf(request, i)) as number] === 0) idle += 1;
    }
    return idle;
  }

  /** Gives the request, which has no blocks yet, its `count` leading findable blocks. */
  reuse(request: Request, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const block = this.index.get(this.keyOf(request, i)) as number;
      if (this.references[block] === 0) this.unlink(block);
      this.references[block] = (this.references[block] as number) + 1;
      request.blocks.push(block);
    }
    request.registered = count;
  }

  /** Takes `count` blocks, oldest first; their old content is forgotten. The caller has made sure that they are free. */
  take(request: Request, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const block = this.after[this.root] as number;
      this.unlink(block);
      const key = this.keys[block] as number;
      if (key !== 0) {
        this.index.delete(key);
        this.keys[block] = 0;
      }
      this.references[block] = 1;
      request.blocks.push(block);
    }
  }

  /** Makes the full blocks of the shared prefix findable as far as they are computed. */
  registerPrefix(request: Request): void {
    if (!this.caching || request.job.prefix === 0) return;
    const shared = Math.floor(request.job.prefixTokens / this.blockSize);
    this.register(request, Math.min(shared, Math.floor(request.computed / this.blockSize)));
  }

  /**
   * Gives all blocks back, the last first, so that the beginning of a prompt is found longest.
   * @param findable whether the own part may be looked for again @param keep blocks that a leak does not give back
   */
  release(request: Request, findable: boolean, keep = 0): void {
    if (this.caching && findable) this.register(request, Math.floor(request.computed / this.blockSize));
    const { blocks } = request;
    for (let i = blocks.length - 1 - keep; i >= 0; i -= 1) {
      const block = blocks[i] as number;
      const left = (this.references[block] as number) - 1;
      this.references[block] = left;
      if (left === 0) this.append(block);
    }
    blocks.length = 0;
    request.registered = 0;
  }

  private register(request: Request, to: number): void {
    for (let i = request.registered; i < to; i += 1) {
      const block = request.blocks[i] as number;
      const key = this.keyOf(request, i);
      if (this.keys[block] !== 0 || this.index.has(key)) continue;
      this.index.set(key, block);
      this.keys[block] = key;
    }
    if (to > request.registered) request.registered = to;
  }

  private keyOf(request: Request, block: number): number {
    const { prefix, prefixTokens, content } = request.job;
    const shared = prefix !== 0 && (block + 1) * this.blockSize <= prefixTokens;
    return (shared ? prefix : content) * SPAN + block;
  }

  private unlink(block: number): void {
    const before = this.before[block] as number;
    const after = this.after[block] as number;
    this.after[before] = after;
    this.before[after] = before;
    this.free -= 1;
  }

  private append(block: number): void {
    const last = this.before[this.root] as number;
    this.after[last] = block;
    this.before[block] = last;
    this.after[block] = this.root;
    this.before[this.root] = block;
    this.free += 1;
  }
}
