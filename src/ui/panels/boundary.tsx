import { Component, type ReactNode } from 'react';

interface BoundaryProps {
  readonly name: string;
  /** A new one tries again: the next data may be drawable. */
  readonly attempt: unknown;
  readonly children: ReactNode;
}

/** One broken panel stays one broken panel. */
export class PanelBoundary extends Component<
  BoundaryProps,
  { readonly error: Error | null; readonly attempt: unknown }
> {
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

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert" className="rounded-md border border-dashed border-strong p-4 text-[12.5px] text-ink-2">
        <p className="font-semibold text-ink">{this.props.name} could not be drawn</p>
        <p className="mt-1">{error.message}</p>
        <p className="mt-1 text-ink-3">
          The rest of the page does not depend on it. It is tried again with the next data.
        </p>
      </div>
    );
  }
}
