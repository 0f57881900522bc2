import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { Boundary } from './boundary.tsx';
import { later, loadTheRest } from './later.ts';

const Sheet = later(() => import('./dialog-sheet.tsx'));

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly help: string;
  /** For tables. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/**
 * A sheet over the page: title, one line what it is, content that scrolls by itself. Escape and a click outside close it. Its
 * script loads after the first verdict, or when it is opened before that.
 */
export function Dialog(props: DialogProps) {
  const [wanted, setWanted] = useState(props.open);
  if (props.open && !wanted) setWanted(true);
  useEffect(() => {
    if (wanted) loadTheRest();
  }, [wanted]);
  if (!wanted) return null;
  return (
    <Boundary name={props.title} afloat>
      <Suspense>
        <Sheet {...props} />
      </Suspense>
    </Boundary>
  );
}
