// The lint rule that holds the house together: which room sees which, and which package is imported where. The drawing
// itself is data and stands in eslint.config.js; docs/decisions/0001-rooms-and-arrows.md says why it is drawn so.
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

/** @typedef {Record<string, readonly string[]>} Arrows room → the rooms it sees directly */

/**
 * What each room sees, over any number of arrows.
 * @param {Arrows} arrows
 * @returns {Map<string, Set<string>>} throws on an arrow to a room that is not drawn, and on a circle
 */
export function reachOf(arrows) {
  /** @type {Map<string, Set<string>>} */
  const reach = new Map();
  /** @param {string} room @param {readonly string[]} path @returns {Set<string>} */
  const visit = (room, path) => {
    if (path.includes(room)) throw new Error(`the drawing has a circle: ${[...path, room].join(' → ')}`);
    const direct = arrows[room];
    if (direct === undefined) throw new Error(`the drawing has an arrow to "${room}", which is not a room`);
    const known = reach.get(room);
    if (known !== undefined) return known;
    const seen = new Set(direct);
    for (const next of direct) for (const further of visit(next, [...path, room])) seen.add(further);
    reach.set(room, seen);
    return seen;
  };
  for (const room of Object.keys(arrows)) visit(room, []);
  return reach;
}

/**
 * The room a file of src stands in: `core/signals`, `ui`; `main` for src/main.tsx; `null` outside src.
 * @param {string} root @param {string} file absolute
 */
export function roomOf(root, file) {
  const parts = relative(root, file).split(sep);
  if (parts[0] !== 'src' || parts.length < 2) return null;
  if (parts.length === 2) return (parts[1] ?? '').startsWith('main.') ? 'main' : `src/${parts[1]}`;
  if (parts[1] !== 'core') return parts[1] ?? null;
  return parts.length === 3 ? 'core' : `core/${parts[2]}`;
}

/** Tests, and what only tests use, may reach for Node and for src/testing. @param {string} file */
export function isTestFile(file) {
  return /\.test\.tsx?$/.test(file) || file.split(sep).includes('testing');
}

/**
 * @typedef {object} Drawing
 * @property {string} root absolute path of the repository
 * @property {Arrows} arrows
 * @property {Record<string, readonly string[]>} packages package → the rooms (or folders in src) that may import it
 * @property {readonly string[]} node rooms that may import `node:*`
 */

/** @param {Drawing} drawing */
export function houseRules(drawing) {
  const reach = reachOf(drawing.arrows);

  /** Why `file` may not import `source`; `null` if it may. @param {string} file @param {string} source */
  function refusal(file, source) {
    const room = roomOf(drawing.root, file);
    if (room === null) return null;
    const seen = reach.get(room);
    if (seen === undefined) return null; // said once, for the whole file
    const test = isTestFile(file);
    if (!source.startsWith('.')) return test ? null : packageRefusal(file, room, source);

    const target = resolve(dirname(file), source.split('?')[0] ?? source);
    const targetRoom = roomOf(drawing.root, target);
    if (targetRoom === null) {
      if (test) return null;
      if (target === resolve(drawing.root, 'package.json') && !room.startsWith('core')) return null;
      return `${room} imports from outside src: ${source}`;
    }
    if (targetRoom === room || seen.has(targetRoom)) return null;
    if (targetRoom === 'testing') return test ? null : `${room} imports from testing, which is for tests alone.`;
    return `${room} does not see ${targetRoom}. It sees: ${[...seen].join(', ') || 'nothing'}.`;
  }

  /** @param {string} file @param {string} room @param {string} source */
  function packageRefusal(file, room, source) {
    if (isBuiltin(source))
      return drawing.node.includes(room) ? null : `${room} runs in a browser too and imports no Node module: ${source}`;
    if (room.startsWith('core')) return `the core is the bare language and imports no package: ${source}`;
    const name = source.startsWith('@') ? source.split('/').slice(0, 2).join('/') : (source.split('/')[0] ?? source);
    const places = drawing.packages[name];
    if (places === undefined) return `${name} has no place in the drawing; add it to PACKAGES in eslint.config.js.`;
    const folder = relative(resolve(drawing.root, 'src'), dirname(file)).split(sep).join('/');
    const allowed = places.some((place) => place === room || folder === place || folder.startsWith(`${place}/`));
    return allowed ? null : `${name} is imported in ${places.join(', ')} only.`;
  }

  /** @type {import('eslint').Rule.RuleModule} */
  const rooms = {
    meta: { type: 'problem', schema: [], messages: { refused: '{{why}}' } },
    create(context) {
      const room = roomOf(drawing.root, context.filename);
      if (room !== null && !reach.has(room)) {
        const why = `"${room}" is not a room of the drawing in eslint.config.js; move the file or draw the room.`;
        return { Program: (node) => context.report({ node, messageId: 'refused', data: { why } }) };
      }
      /** @param {any} node @param {any} source a string literal node, or anything else where the address is computed */
      const check = (node, source) => {
        const address = source?.value;
        if (typeof address !== 'string') return;
        const why = refusal(context.filename, address);
        if (why !== null) context.report({ node, messageId: 'refused', data: { why } });
      };
      /** @type {any} */
      const listener = {
        ImportDeclaration: (/** @type {any} */ node) => check(node, node.source),
        ExportNamedDeclaration: (/** @type {any} */ node) => check(node, node.source),
        ExportAllDeclaration: (/** @type {any} */ node) => check(node, node.source),
        ImportExpression: (/** @type {any} */ node) => check(node, node.source),
        TSImportType: (/** @type {any} */ node) => check(node, node.source ?? node.argument?.literal),
        // new URL('./worker.ts', import.meta.url): the way a worker is reached.
        NewExpression: (/** @type {any} */ node) => {
          if (node.callee.name === 'URL' && node.arguments[1]?.type === 'MemberExpression')
            check(node, node.arguments[0]);
        },
      };
      return listener;
    },
  };

  return { rules: { rooms } };
}
