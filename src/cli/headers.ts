import { bytesOf } from './files.ts';

/** Header values as typed on the command line. */
export type TypedHeaders = Readonly<Record<string, string>>;

/** An authentication scheme that may stand before a value kept elsewhere: files and variables hold the bare token. */
const ELSEWHERE = /^((?:Bearer|Basic|Token)\s+)?([@$])(.+)$/i;
const VARIABLE = /^\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/;

/**
 * Headers with their values read: `@FILE` from a file and `$NAME` from the environment, either of them after `Bearer`, `Basic`
 * or `Token`. Tokens stay out of the process list that way. Files are read at every call, since tokens are renewed in place.
 * @throws Error that names the file or the variable that is missing
 */
export async function readHeaders(
  typed: TypedHeaders,
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(typed)) read[name] = await valueOf(value, environment);
  return read;
}

async function valueOf(typed: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const [, scheme = '', sign, name = ''] = ELSEWHERE.exec(typed) ?? [];
  if (sign === '@') return scheme + new TextDecoder().decode(await bytesOf(name)).trim();
  const variable = sign === '$' ? VARIABLE.exec(name)?.[1] : undefined;
  if (variable === undefined) return typed;
  const value = environment[variable]?.trim();
  if (!value) throw new Error(`the environment has no ${variable}`);
  return scheme + value;
}
