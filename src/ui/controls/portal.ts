import { createContext } from 'react';

/**
 * Where what floats above the page is put: the end of the document, unless a mount names a place inside its own styles.
 * There the document does not tell which element has the focus, so that menus cannot be walked by keyboard and are left out.
 */
export const PortalContext = createContext<HTMLElement | undefined>(undefined);
