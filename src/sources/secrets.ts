/**
 * Text of a source without what was sent to it: some servers repeat in their complaint what they were given.
 * @param headers sent with the question
 */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  const secrets = Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ /, '')]);
  return secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[hidden]')), text);
}
