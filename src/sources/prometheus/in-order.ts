/** Requests in flight at once: browsers allow six per host, and more is not faster (reference/ecosystem.md §3.5). */
const AT_ONCE = 6;

/** Runs the work in order, a few at a time; rejects with the first failure. */
export async function inOrder<T, R>(list: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(list.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < list.length) {
      const index = next;
      next += 1;
      results[index] = await work(list[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
  return results;
}
