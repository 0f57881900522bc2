import type { Token, Tokens } from 'marked';
import { lexer } from 'marked';
import type { ReactNode } from 'react';

/** Markdown as elements of the page. Raw HTML stays text; of links only those to the web are links. */
export function Markdown({ text }: { readonly text: string }) {
  return <div className="flex flex-col gap-3 text-ink-2">{lexer(text).map(block)}</div>;
}

function block(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'heading':
      return (
        <h3 key={key} className="mt-2 text-[14px] font-[620] text-ink first:mt-0">
          {inlines(token.tokens)}
        </h3>
      );
    case 'paragraph':
    case 'text':
      return token.type === 'text' && token.tokens === undefined ? (
        <span key={key}>{token.text}</span>
      ) : (
        <p key={key}>{inlines(token.tokens)}</p>
      );
    case 'list':
      return list(token as Tokens.List, key);
    case 'table':
      return table(token as Tokens.Table, key);
    case 'code':
      return (
        <pre key={key} className="overflow-x-auto rounded bg-fill px-3 py-2 text-[12.5px]">
          {token.text}
        </pre>
      );
    case 'space':
      return null;
    default:
      return <p key={key}>{token.raw}</p>;
  }
}

function list(token: Tokens.List, key: number): ReactNode {
  const items = token.items.map((item, k) => <li key={k}>{item.tokens.map(tight)}</li>);
  return token.ordered ? (
    <ol key={key} className="list-decimal space-y-1 pl-5">
      {items}
    </ol>
  ) : (
    <ul key={key} className="list-disc space-y-1 pl-5">
      {items}
    </ul>
  );
}

/** The text of a list item stands without a paragraph around it. */
const tight = (token: Token, key: number): ReactNode =>
  token.type === 'text' ? <span key={key}>{inlines((token as Tokens.Text).tokens)}</span> : block(token, key);

function table(token: Tokens.Table, key: number): ReactNode {
  return (
    <div key={key} className="overflow-x-auto" tabIndex={0} role="region" aria-label="Table">
      <table className="w-full text-left text-[12.5px]">
        <thead>
          <tr className="border-b border-strong">
            {token.header.map((cell, k) => (
              <th key={k} scope="col" className="py-1 pr-4 font-[620] text-ink">
                {inlines(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, k) => (
            <tr key={k} className="border-b border-hairline align-top">
              {row.map((cell, n) => (
                <td key={n} className="py-1 pr-4">
                  {inlines(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(tokens: readonly Token[] | undefined): ReactNode[] {
  return (tokens ?? []).map((token, key) => {
    switch (token.type) {
      case 'strong':
        return (
          <strong key={key} className="font-[620] text-ink">
            {inlines(token.tokens)}
          </strong>
        );
      case 'em':
        return <em key={key}>{inlines(token.tokens)}</em>;
      case 'codespan':
        return (
          <code key={key} className="rounded bg-fill px-1 text-[0.92em] break-words">
            {token.text}
          </code>
        );
      case 'link':
        return /^https?:/.test(token.href) ? (
          <a key={key} href={token.href} className="text-accent underline-offset-2 hover:underline">
            {inlines(token.tokens)}
          </a>
        ) : (
          <span key={key}>{inlines(token.tokens)}</span>
        );
      case 'escape':
        return <span key={key}>{token.text}</span>;
      case 'text':
        return <span key={key}>{token.tokens ? inlines(token.tokens) : plain(token.text)}</span>;
      default:
        return <span key={key}>{token.raw}</span>;
    }
  });
}

/** marked hands text over as HTML would have it. */
function plain(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => {
    const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
    return characters[name] ?? '';
  });
}
