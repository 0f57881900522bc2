import { useEffect } from 'react';

/**
 * In the place of `react-style-singleton`, by which `react-remove-scroll` (behind every dialog and menu) holds the page still: see
 * ALIASES in vite.config.ts. That one writes a style element, for which a policy would have to allow every inline style; a sheet
 * that is made by script needs no leave.
 * @returns a component that holds the sheet of the first one mounted, until the last one is gone
 */
export function styleSingleton(): (props: { readonly styles: string }) => null {
  let mounted = 0;
  let sheet: CSSStyleSheet | null = null;
  return function Sheet({ styles }) {
    useEffect(() => {
      mounted += 1;
      if (sheet === null) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(styles);
        document.adoptedStyleSheets.push(sheet);
      }
      return () => {
        mounted -= 1;
        if (mounted > 0) return;
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
        sheet = null;
      };
      // Styles of a later one are not looked at: the width it measured is that of a page without a scroll bar.
      // eslint-disable-next-line react-hooks/exhaustive-deps
    }, []);
    return null;
  };
}
