import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Archive, ArchiveAsk } from '../sources/snapshot/archive.ts';
import { useHeaders } from './preferences.ts';
import { sourceQuery } from './queries.ts';
import type { ArchiveAnswer, WrittenAsk } from './report-worker.ts';
import type { SourceRef } from './url/source-ref.ts';

type Asked = Omit<ArchiveAsk, 'pages' | 'takenAt'>;

/**
 * Writes the archive of an incident when asked to, in a worker: its timeline and headroom take seconds. The pages a source saw
 * are asked of it here.
 */
export function useArchive(source: SourceRef): {
  /** @throws Error with a sentence where the worker did not start or broke off */
  readonly write: (asked: Asked) => Promise<Archive>;
  readonly writing: boolean;
} {
  const client = useQueryClient();
  const headers = useHeaders(source);
  const { mutateAsync, isPending } = useMutation({
    mutationFn: async (asked: Asked): Promise<Archive> => {
      const opened = await client.ensureQueryData(sourceQuery(source, headers));
      const pages = (await opened.pages?.()) ?? [];
      return written({ ...asked, pages, takenAt: Math.round(Date.now() / 1000) });
    },
    retry: false,
    // Bytes that were handed over are not kept.
    gcTime: 0,
  });
  return { write: mutateAsync, writing: isPending };
}

function written(ask: ArchiveAsk): Promise<Archive> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<ArchiveAnswer>) => {
      worker.terminate();
      if ('failed' in data) reject(new Error(`The archive could not be written: ${data.failed}`));
      else resolve(data);
    };
    worker.onerror = () => {
      worker.terminate();
      reject(new Error('The archive could not be written in this browser; reload to try again.'));
    };
    worker.postMessage({ do: 'archive', ask } satisfies WrittenAsk);
  });
}
