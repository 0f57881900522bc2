import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Boundary } from '../ui/controls/boundary.tsx';
import { Embedded } from '../app/pages/embedded.tsx';
import { MountedProvider, MountedState } from '../state/embed/mounted.tsx';
import type { Tell } from '../state/embed/protocol.ts';
import { usePaintedTheme } from '../state/preferences.ts';
import { useSession } from '../state/url/address.ts';
import { PortalContext } from '../ui/controls/portal.ts';
import sheet from '../ui/theme.css?inline';
import { checkOptions, type MountOptions } from './options.ts';
import { shadowStyles } from './styles.ts';

/** What a host holds of a mount. */
export interface Mounted {
  /**
   * Changes some of the options; the others stay as they are.
   * @throws TypeError if one is wrong; then nothing has changed
   */
  update(patch: Partial<MountOptions>): void;
  /** Stops reading, forgets the token, and leaves the element empty. */
  unmount(): void;
}

const taken = new WeakSet<Element>();
let styles: CSSStyleSheet | null = null;

/**
 * Shows the verdict, or one panel, in a shadow tree of an element.
 * @throws TypeError if an option is wrong, or the element cannot take a shadow tree or has one
 */
export function mount(element: HTMLElement, options: MountOptions): Mounted {
  let { onEvent, ...given } = options;
  let checked = checkOptions(given);
  if (taken.has(element)) throw new TypeError('vLLM Triage is mounted in this element already.');
  const shadow = shadowOf(element);
  taken.add(element);

  const tell: Tell = (event) => onEvent?.(event);
  const state = new MountedState(tell, document.baseURI);
  const root = createRoot(shadow, {
    onCaughtError: (error) => tell({ type: 'error', problem: 'fault', says: String(error) }),
  });
  const show = () => {
    const { token, app, ...settings } = checked;
    state.show(settings, app ?? null);
    if (token) state.keep(token);
    root.render(
      <MountedProvider state={state}>
        <Content tell={tell} />
      </MountedProvider>,
    );
  };
  show();
  tell({ type: 'ready' });
  return {
    update(patch) {
      const { onEvent: told = onEvent, ...changes } = patch;
      // A token is for the source it came with.
      const kept = changes.source && !changes.token ? { ...given, token: undefined } : given;
      const next = { ...kept, ...changes };
      checked = checkOptions(next);
      given = next;
      onEvent = told;
      show();
    },
    unmount() {
      root.unmount();
      state.close();
      taken.delete(element);
    },
  };
}

function shadowOf(element: HTMLElement): ShadowRoot {
  // One that a mount before this has left empty is used again: an element cannot get a second one.
  const left = element.shadowRoot;
  if (left && !(styles && left.adoptedStyleSheets.includes(styles)))
    throw new TypeError('The element has a shadow tree of its own; give it another one inside.');
  const shadow = left ?? element.attachShadow({ mode: 'open' });
  if (styles === null) {
    styles = new CSSStyleSheet();
    styles.replaceSync(shadowStyles(sheet));
  }
  // Adopted, which a policy against inline styles allows.
  shadow.adoptedStyleSheets = [styles];
  return shadow;
}

function Content({ tell }: { readonly tell: Tell }) {
  const { session } = useSession();
  const [portal, setPortal] = useState<HTMLElement | null>(null);
  const { source } = session;
  return (
    <div data-mount data-theme={usePaintedTheme(session.theme ?? 'system')}>
      <div data-mount-content>
        <Boundary name="vLLM Triage">
          {source === null ? (
            <p role="alert">The source named is no http or https address.</p>
          ) : (
            portal && (
              <PortalContext value={portal}>
                <Embedded session={{ ...session, source }} tell={tell} titled={false} />
              </PortalContext>
            )
          )}
        </Boundary>
      </div>
      <div ref={setPortal} />
    </div>
  );
}
