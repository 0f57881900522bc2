/** A source the server of this page relays. */
export interface ServedRow {
  readonly name: string;
  readonly says: string;
  readonly href: string;
  readonly onOpen: () => void;
}

/** What the server of this page was started with. */
export function ServedList({ rows }: { readonly rows: readonly ServedRow[] }) {
  return (
    <ul aria-label="Sources of this server" className="space-y-1 text-[13px]">
      {rows.map(({ name, says, href, onOpen }) => (
        <li key={href} className="flex items-baseline gap-3">
          <a
            href={href}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
              event.preventDefault();
              onOpen();
            }}
            className="rounded-[3px] font-mono text-[12.5px] text-accent underline-offset-2 hover:underline"
          >
            {name}
          </a>
          <span className="text-ink-3">{says}</span>
        </li>
      ))}
    </ul>
  );
}
