// The lint rule that keeps text from becoming markup or code: React escapes what it is given, and nothing goes around it.

/** Members that take text for markup or code, whatever they belong to. */
const MEMBERS = new Set([
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'createContextualFragment',
  'srcdoc',
  'setHTMLUnsafe',
]);
/** The same, of these objects alone: other things have members of the name. */
const OF_DOCUMENT = new Set(['write', 'writeln']);
/** Attributes of elements. */
const ATTRIBUTES = new Set(['dangerouslySetInnerHTML', 'srcDoc']);

/** @type {import('eslint').Rule.RuleModule} */
export const noMarkup = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { refused: '{{name}} takes text for markup or code. Give React the text.' },
  },
  create(context) {
    /** @param {any} node @param {string} name */
    const refuse = (node, name) => context.report({ node, messageId: 'refused', data: { name } });
    /** @param {any} key */
    const nameOf = (key) => (key.type === 'Literal' ? String(key.value) : key.type === 'Identifier' ? key.name : '');
    /** @type {any} */
    const listener = {
      JSXAttribute: (/** @type {any} */ node) => {
        if (ATTRIBUTES.has(node.name.name)) refuse(node, node.name.name);
      },
      Property: (/** @type {any} */ node) => {
        const name = nameOf(node.key);
        if (ATTRIBUTES.has(name) || MEMBERS.has(name)) refuse(node, name);
      },
      MemberExpression: (/** @type {any} */ node) => {
        const name = node.computed && node.property.type !== 'Literal' ? '' : nameOf(node.property);
        if (MEMBERS.has(name)) refuse(node, name);
        if (OF_DOCUMENT.has(name) && node.object.name === 'document') refuse(node, `document.${name}`);
      },
      NewExpression: (/** @type {any} */ node) => {
        if (node.callee.name === 'DOMParser') refuse(node, 'DOMParser');
      },
    };
    return listener;
  },
};
