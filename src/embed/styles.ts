/**
 * The page's style sheet as it works in a shadow tree, where four things differ from a document:
 * - `@property` is ignored, so the defaults Tailwind writes for old browsers have to hold in every one;
 * - `rem` follows the host's document, so lengths are told in pixels of the usual 16;
 * - the window says nothing of the width a mount has, so breakpoints ask the mount;
 * - custom properties come in from outside, so all of them are set on the mount itself.
 * @param sheet what Tailwind made of theme.css, minified or not
 */
export function shadowStyles(sheet: string): string {
  const inside = sheet
    .replace(/@supports \(+-webkit-hyphens: ?none\)[^{]*\{/g, '@supports (display: block) {')
    .replace(/@media not all and \((width|min-width) ?(>=|:) ?([^)]+)\)/g, `@container ${CONTAINER} (width < $3)`)
    .replace(/@media \((width|min-width) ?(>=|:) ?([^)]+)\)/g, `@container ${CONTAINER} (width >= $3)`)
    .replace(
      /(^|[\s:(,+*/-])(\d+(?:\.\d+)?|\.\d+)rem\b/g,
      (_, before: string, n: string) => `${before}${Number(n) * 16}px`,
    )
    .replace(/:root, ?:host\b/g, ':host,[data-mount]');
  return `@layer mount{:host{display:block;inline-size:100%}[data-mount]{all:initial;display:block}[data-mount-content]{container:${CONTAINER}/inline-size}}${inside}`;
}

const CONTAINER = 'vllm-triage';
