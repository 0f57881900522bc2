import { clsx } from 'clsx';
import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { tryFailedAgain } from './later.ts';

export interface BoundaryProps {
  /** What is named where it fails, at the start of a sentence. */
  readonly name: string;
  /** A new one tries again: the next data may be drawable. Left out, only the viewer does. */
  readonly attempt?: unknown;
  /** Over the page rather than in it: for what would have been a sheet. */
  readonly afloat?: boolean;
  /** Stands in the place of what failed, above the sentence that says so. */
  readonly instead?: ReactNode;
  readonly children: ReactNode;
}

/** One broken part stays one broken part: it is named, the rest stands, and it can be tried again. */
export class Boundary extends Component<BoundaryProps, { readonly error: Error | null; readonly attempt: unknown }> {
  override state = { error: null as Error | null, attempt: this.props.attempt };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  static getDerivedStateFromProps(
    props: BoundaryProps,
    state: { readonly error: Error | null; readonly attempt: unknown },
  ) {
    return props.attempt === state.attempt ? null : { error: null, attempt: props.attempt };
  }

  #tryAgain = () => {
    tryFailedAgain();
    this.setState({ error: null });
  };

  override render() {
    const { name, attempt, afloat = false, instead, children } = this.props;
    const { error } = this.state;
    if (!error) return children;
    return (
      <>
        {instead}
        <div
          role="alert"
          className={clsx(
            'rounded-md border border-dashed border-strong p-4 text-[12.5px] text-ink-2',
            afloat && 'fixed bottom-4 left-4 z-50 max-w-[min(480px,calc(100vw-32px))] bg-surface shadow-lg',
          )}
        >
          <p className="font-semibold text-ink">{name} could not be drawn</p>
          <p className="mt-1 [overflow-wrap:anywhere]">{error.message}</p>
          <p className="mt-1 text-ink-3">
            The rest of the page does not depend on it.
            {attempt === undefined ? '' : ' It is tried again with the next data.'}
          </p>
          <Button className="mt-2" onClick={this.#tryAgain}>
            Try again
          </Button>
        </div>
      </>
    );
  }
}
