/** Keeps the place of the verdict; what is being read is said in words. */
export function Loading({ says }: { readonly says: string }) {
  return (
    <section
      aria-label="Reading"
      aria-busy="true"
      className="border-b border-l-4 border-b-hairline border-l-strong bg-surface px-4 pt-4 pb-5 sm:pr-8 sm:pl-7"
    >
      <p className="text-[13.5px] text-ink-3">Reading</p>
      <p className="mt-1 text-[26px] leading-8 font-[700] tracking-[-0.015em] text-ink-3 sm:text-[34px] sm:leading-10">
        {says}
      </p>
      <div aria-hidden="true" className="mt-6 grid gap-3 wide:grid-cols-[minmax(0,1fr)_520px] wide:gap-x-[44px]">
        <div className="space-y-3">
          {[0, 1, 2].map((i) => (
            <div key={i} className="h-12 rounded bg-fill/60" />
          ))}
        </div>
        <div className="h-44 rounded-lg bg-fill/60" />
      </div>
    </section>
  );
}
