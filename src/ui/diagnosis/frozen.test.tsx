import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { SCENES } from '../../core/detectors/kv-cache-thrashing/scenes.ts';
import { disagreements } from '../../core/snapshot/snapshot.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { FrozenStripe } from './frozen.tsx';

const today = diagnose(SCENES.sick, targetsOf('chat'));
const stripe = (then: typeof today, again: typeof today | null) => {
  const { container } = render(
    <FrozenStripe
      then={then}
      again={again}
      differences={again ? disagreements(then, again) : []}
      now={then.at + 7200}
      version="0.9.0"
      notes={[]}
    />,
  );
  return container.textContent;
};

test('where the rules agree it says so, and how old it is', () => {
  const said = stripe(today, today);
  expect(said).toContain('2 h ago');
  expect(said).toContain('version 0.9.0; the rules of today agree');
});

test('where today’s rules give another verdict, both are shown', () => {
  const said = stripe({ ...today, status: 'healthy', headline: 'All was well', findings: [] }, today);
  expect(said).not.toContain('agree');
  expect(said).toContain('The status was healthy and is critical now.');
  expect(said).toMatch(/Then.*Healthy.*All was well.*Now.*Critical/);
  expect(said).toContain(today.headline);
});

test('where nothing can be judged again, it claims no agreement', () => {
  expect(stripe(today, null)).not.toContain('agree');
});
