import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { warmUp } from './reader/desks.ts';

/** Loads what reads and judges while the viewer still chooses. */
export function useWarmReader(): void {
  const client = useQueryClient();
  useEffect(() => warmUp(client), [client]);
}
