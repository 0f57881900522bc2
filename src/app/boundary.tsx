import { Component, type ReactNode } from 'react';
import { Button } from '../ui/controls/button.tsx';

/** A fault of the page is told as one, with the way out, instead of a white window. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, { readonly error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="mx-auto max-w-[640px] p-8">
        <h1 className="text-[26px] font-[700]">This page has a fault</h1>
        <p className="mt-2 text-[15px] text-ink-2">
          It is in vLLM Triage, not in your fleet. The address still holds what you looked at, so a reload brings it
          back.
        </p>
        <pre className="mt-4 overflow-auto rounded border border-hairline bg-surface p-3 text-[12px]">
          {this.state.error.message}
        </pre>
        <div className="mt-4 flex gap-2">
          <Button onClick={() => window.location.reload()}>Reload</Button>
          <Button onClick={() => window.location.assign(window.location.pathname)}>Start page</Button>
        </div>
      </main>
    );
  }
}
