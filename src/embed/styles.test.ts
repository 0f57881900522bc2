import { expect, test } from 'vitest';
import { shadowStyles } from './styles.ts';

const inside = (sheet: string) => shadowStyles(sheet).replace(/^@layer mount\{.*?\}\}/, '');

test.each([
  ['.a{margin:-.5rem 1.25rem}', '.a{margin:-8px 20px}'],
  ['.a{width:calc(2rem*-1)}', '.a{width:calc(32px*-1)}'],
  ['.theorem{color:red}', '.theorem{color:red}'],
  ['@media (width>=40rem){.a{b:c}}', '@container vllm-triage (width >= 640px){.a{b:c}}'],
  ['@media not all and (width>=499px){.a{b:c}}', '@container vllm-triage (width < 499px){.a{b:c}}'],
  ['@media (hover:hover){.a{b:c}}', '@media (hover:hover){.a{b:c}}'],
  [
    '@supports (((-webkit-hyphens:none)) and (not (margin-trim:block))) or (x){*{--tw-border-style:solid}}',
    '@supports (display: block) {*{--tw-border-style:solid}}',
  ],
  [':root,:host{--spacing:.25rem}', ':host,[data-mount]{--spacing:4px}'],
])('%s', (given, expected) => {
  expect(inside(given)).toBe(expected);
});
