import { useCallback } from 'react';
import { keepFiles } from '../state/queries.ts';
import { freshSession, useSession } from '../state/url/address.ts';
import type { Session } from '../state/url/session.ts';

/**
 * Opens files that were dropped or picked, told apart by what is in them: GPU profiles and load tests beside what is looked at,
 * anything else in its place.
 */
export function useOpenFiles(session: Session): (files: readonly File[]) => void {
  const { navigate } = useSession();
  return useCallback(
    (files) => {
      if (files.length === 0) return;
      const asSource = () => navigate(freshSession(session, { kind: 'file', name: keepFiles(files) }));
      const open = async () => {
        const { isTraceFile } = await import('../sources/traces/recognise.ts');
        const traces = await Promise.all(files.map(isTraceFile));
        if (traces.every(Boolean)) {
          const { openTraces } = await import('../state/trace-desk.ts');
          openTraces('now', files);
          return navigate({ trace: true });
        }
        const { keepLoads, splitLoads } = await import('../state/loads.ts');
        const { loads, others } = await splitLoads(files);
        const names = [...new Set([...session.loads, ...keepLoads(loads)])];
        if (others.length === 0) return navigate({ loads: names });
        navigate({ ...freshSession(session, { kind: 'file', name: keepFiles(others) }), loads: names });
      };
      // A file that cannot even be looked into fails where its kind is told.
      void open().catch(asSource);
    },
    [session, navigate],
  );
}
