import * as v from 'valibot';

const given = v.array(v.string());

/**
 * Origins that may talk to this page when it is a frame: those its server has written into it, as
 * `<meta name="vllm-triage-embed" content='["https://portal.example"]'>`, and its own. An address cannot add one, since whoever
 * frames a page writes its address.
 * @param own origin of this page
 */
export function allowedOrigins(html: Pick<Document, 'querySelector'>, own: string): readonly string[] {
  const content = html.querySelector('meta[name="vllm-triage-embed"]')?.getAttribute('content');
  return [...new Set([own, ...listed(content ?? '[]')])].filter(isOrigin);
}

function listed(content: string): readonly string[] {
  try {
    return v.parse(given, JSON.parse(content));
  } catch {
    return [];
  }
}

/** `https://portal.example:8443`, and nothing behind it; `*` and `null` are no origin. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:\/\/[^*]+$/.test(text);
}
