// `node --import tsx --import ./scripts/tools/raw-files.js FILE`: imports of `x.md?raw` give the text of the file, as the bundler
// does it, for whatever runs from source.
import { register } from 'node:module';

register('./raw-hooks.js', import.meta.url);
