/**
 * A shelf for what several detectors ask of the same object: worked out at the first question, kept as long as the object lives.
 * Only for work that depends on nothing but the object, which is never changed, and the key.
 */
export function remember<Owner extends object, Key, Answer>(): (owner: Owner, key: Key, work: () => Answer) => Answer {
  const shelves = new WeakMap<Owner, Map<Key, Answer>>();
  return (owner, key, work) => {
    const shelf = shelves.get(owner) ?? new Map<Key, Answer>();
    if (shelf.size === 0) shelves.set(owner, shelf);
    if (!shelf.has(key)) shelf.set(key, work());
    return shelf.get(key) as Answer;
  };
}
