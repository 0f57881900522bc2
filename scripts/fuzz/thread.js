// Threads do not inherit what loads TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./watched.ts');
