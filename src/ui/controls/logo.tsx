/** The pulse: the same line as the icon of the page. */
export function Logo({ href, onOpen }: { readonly href: string; readonly onOpen: () => void }) {
  return (
    <a
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onOpen();
      }}
      className="flex items-center gap-2 rounded text-[13.5px] font-[640] whitespace-nowrap text-ink"
    >
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <path
          d="M1 9.5h3l2-5 4 9 2.6-6 1.4 2H17"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      vLLM Triage
    </a>
  );
}
