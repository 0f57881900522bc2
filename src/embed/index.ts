import { VllmTriageElement } from './element.ts';

export type { EmbedEvent } from '../state/embed/protocol.ts';
export { type Mounted, mount } from './mount.tsx';
export type { MountOptions } from './options.ts';

// A page may load the module twice, by two addresses; the first one keeps the name.
if (!customElements.get('vllm-triage')) customElements.define('vllm-triage', VllmTriageElement);
