/** The part of Trusted Types used here: https://www.w3.org/TR/trusted-types/#trusted-type-policy-factory */
interface Policies {
  createPolicy(name: string, rules: { readonly createScriptURL: (address: string) => string }): unknown;
}

/**
 * The one policy by which text becomes code: an address, for a worker, of a file below the page's own. No text becomes markup or
 * script at all. Browsers without Trusted Types are held by the rest of the policy.
 */
export function allowOwnScripts(): void {
  const policies = (window as { readonly trustedTypes?: Policies }).trustedTypes;
  const { origin, pathname } = new URL(document.baseURI);
  const home = origin + pathname.slice(0, pathname.lastIndexOf('/') + 1);
  policies?.createPolicy('default', {
    createScriptURL: (address) => {
      if (new URL(address, home).href.startsWith(home)) return address;
      throw new TypeError(`${address} is no script of this page.`);
    },
  });
}
