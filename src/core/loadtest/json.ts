/** JSON as it comes from a file somebody else wrote: nothing about it is taken for granted. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path, `undefined` where a step is missing. An own key only, so that `constructor` finds nothing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** A finite number; `null` for anything else. Numbers written as text count, since YAML and metadata hold them so. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** A count or a length: a number from 0 up. */
export function amountAt(value: Json | undefined, ...path: readonly string[]): number | null {
  const found = numberAt(value, ...path);
  return found !== null && found >= 0 ? found : null;
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** An object, empty where there is none. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The finite numbers of a list, `null` where one is none, so that lists side by side stay so. */
export function numbersAt(value: Json | undefined, ...path: readonly string[]): (number | null)[] {
  return listAt(value, ...path).map((one) => numberAt(one));
}

/** Milliseconds → seconds. */
export function fromMs(value: number | null): number | null {
  return value === null ? null : value / 1000;
}

/** `a ÷ b`, `null` where one is missing or nothing is divided by. */
export function ratioOf(a: number | null, b: number | null): number | null {
  return a === null || b === null || b === 0 ? null : a / b;
}
