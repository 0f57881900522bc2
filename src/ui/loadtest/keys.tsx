/** Signs of the chart, for the list beside it; drawn without the chart library. */
export function RunKey({ index }: { readonly index: number }) {
  const fill = index % 2 === 0 ? 'var(--series-1)' : 'var(--series-2)';
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className="flex-none">
      {index % 3 === 0 ? (
        <circle cx="6" cy="6" r="4" fill={fill} />
      ) : index % 3 === 1 ? (
        <rect x="2" y="2" width="8" height="8" fill={fill} />
      ) : (
        <path d="M6 1l5 9H1z" fill={fill} />
      )}
    </svg>
  );
}

export function LiveKey() {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className="flex-none">
      <path d="M6 0l6 6-6 6-6-6z" fill="var(--accent)" />
    </svg>
  );
}
