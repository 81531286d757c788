import { expect, test } from 'vitest';
import { hasStatusItem, statusText } from '../../src/text/statustext';
import type { IEnvironment } from '../../src/tokens';
import { progress, status, trans } from '../values';

const environment = { short_key: 'ab12' } as IEnvironment;

test('state and key are told', () => {
  expect(statusText(status({ environment }), trans)).toBe('Ready · ab12');
  expect(statusText(status({ state: 'held' }), trans)).toBe('Held');
});

test('a build tells its share of the whole', () => {
  const step = progress({ fraction: 0.459 });
  expect(statusText(status({ state: 'building', progress: step }), trans)).toBe(
    'Building · 45 %'
  );
});

test('a header that differs is told', () => {
  const changes = {
    added: ['scipy'],
    removed: [],
    changed: [],
    refresh: null,
    requires_python: null,
    other: []
  };
  expect(statusText(status({ environment, changes }), trans)).toBe(
    'Ready, header changed · ab12'
  );
});

test('a kernel that is none of ours has no item', () => {
  expect(hasStatusItem(null)).toBe(false);
  expect(hasStatusItem(status({ kernel_id: null, state: 'none' }))).toBe(false);
  expect(hasStatusItem(status({ state: 'none' }))).toBe(true);
});
