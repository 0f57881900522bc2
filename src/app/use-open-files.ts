import { useCallback } from 'react';
import { isTraceFile } from '../sources/traces/recognise.ts';
import { keepLoads, splitLoads } from '../state/loads.ts';
import { keepFiles } from '../state/queries.ts';
import { openTraces } from '../state/trace-desk.ts';
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
        const traces = await Promise.all(files.map(isTraceFile));
        if (traces.every(Boolean)) {
          openTraces('now', files);
          return navigate({ trace: true });
        }
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
