interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: (at: number) => void;
}

/** Things to be done at times to come; those of one time in the order in which they were put in. */
export class Agenda {
  private readonly heap: Entry[] = [];
  private order = 0;

  /** Time of the next thing, Infinity if there is none. */
  get nextAt(): number {
    return this.heap[0]?.at ?? Infinity;
  }

  add(at: number, run: (at: number) => void): void {
    const { heap } = this;
    const entry: Entry = { at, order: this.order, run };
    this.order += 1;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!sooner(entry, heap[parent] as Entry)) break;
      heap[i] = heap[parent] as Entry;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Does the next thing. @throws RangeError if there is none */
  runNext(): void {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('nothing on the agenda');
    if (heap.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && sooner(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
        if (!sooner(heap[child] as Entry, last)) break;
        heap[i] = heap[child] as Entry;
        i = child;
      }
      heap[i] = last;
    }
    first.run(first.at);
  }
}

function sooner(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
