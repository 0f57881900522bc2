/**
 * What the page may do: run its own scripts and read from wherever its viewer points it. No inline script, no inline style, no text
 * that becomes code. WebAssembly is SQLite, which reads the exports of Nsight Systems. `data:` pictures are charts on their way to a
 * PNG. Text becomes the address of a script only through the page's own policy, `src/app/own-scripts.ts`.
 *
 * Sent by `serve` with every file, since a worker goes by what its own file came with; written into index.html by the build for web servers that send none, and repeated in docs/deploy.md.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' http: https:",
  "img-src 'self' data:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

/** For answers that are data: shown as a page of their own, they can do nothing at all. */
export const DATA_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** What no part of the page uses, and nothing it might be made to hold may use either. */
export const PERMISSIONS =
  'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()';
