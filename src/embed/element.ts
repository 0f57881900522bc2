import type { EmbedEvent } from '../state/embed/protocol.ts';
import { type Mounted, mount } from './mount.tsx';
import type { MountOptions } from './options.ts';

const ATTRIBUTES = [
  'prometheus',
  'metrics',
  'selector',
  'model',
  'replica',
  'from',
  'to',
  'live',
  'profile',
  'theme',
  'strip',
  'panel',
  'app',
];

/**
 * `<vllm-triage prometheus="https://prometheus.example" strip>`: a mount by attributes. Events are called
 * `vllm-triage:verdict` and so on and carry the event as `detail`. The token is a property, because attributes can be read by
 * whatever looks at the document.
 */
export class VllmTriageElement extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES;
  #mounted: Mounted | null = null;
  #token: MountOptions['token'];
  #asked = false;

  set token(token: MountOptions['token']) {
    this.#token = token;
    this.#changed();
  }

  connectedCallback(): void {
    this.#changed();
  }

  attributeChangedCallback(name: string): void {
    // A token is for the source it was given with.
    if (name === 'prometheus' || name === 'metrics') this.#token = undefined;
    this.#changed();
  }

  disconnectedCallback(): void {
    this.#changed();
  }

  /** Several changes in a row are one, and an element that is only moved stays mounted. */
  #changed(): void {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (this.isConnected) this.#show();
      else this.#end();
    });
  }

  #show(): void {
    try {
      const options = this.#options();
      if (options === null) return this.#end();
      if (this.#mounted) this.#mounted.update(options);
      else this.#mounted = mount(this, { ...options, onEvent: (event) => this.#tell(event) });
    } catch (error) {
      this.#tell({ type: 'error', problem: 'bad-value', says: error instanceof Error ? error.message : String(error) });
    }
  }

  #end(): void {
    this.#mounted?.unmount();
    this.#mounted = null;
  }

  #tell(event: EmbedEvent): void {
    this.dispatchEvent(new CustomEvent(`vllm-triage:${event.type}`, { detail: event }));
  }

  /** `null` while no source is named. */
  #options(): MountOptions | null {
    const get = (name: string) => this.getAttribute(name) ?? undefined;
    const [prometheus, metrics, panel] = [get('prometheus'), get('metrics'), get('panel')];
    if (prometheus === undefined && metrics === undefined) return null;
    return {
      source: prometheus === undefined ? { metrics: (metrics ?? '').split(',') } : { prometheus },
      scope: { selector: get('selector'), model: get('model'), replica: get('replica') },
      range: { from: get('from'), to: get('to'), live: get('live') as '15s' | undefined },
      profile: get('profile'),
      theme: get('theme') as 'system' | undefined,
      show: panel === undefined ? (this.hasAttribute('strip') ? 'strip' : 'banner') : { panel },
      token: this.#token,
      app: get('app'),
    };
  }
}
