import { expect, test } from 'vitest';
import { isRunning, isStarted, markOf } from '../src/status';
import type { IChanges } from '../src/tokens';
import { status } from './values';

const changes: IChanges = {
  added: ['scipy'],
  removed: [],
  changed: [],
  refresh: null,
  requires_python: null,
  other: []
};

test.each([
  ['held', 'held'],
  ['building', 'building'],
  ['ready', ''],
  ['changing', 'changing'],
  ['failed', 'failed'],
  ['none', '']
] as const)('of a kernel that is %s the mark is "%s"', (state, mark) => {
  expect(markOf(status({ state }))).toBe(mark);
});

test('a header that differs from what runs is marked', () => {
  expect(markOf(status({ changes }))).toBe('differs');
  expect(markOf(status({ state: 'none', changes }))).toBe('differs');
  expect(markOf(status({ state: 'building', changes }))).toBe('building');
});

test('without a kernel of ours there is nothing to mark', () => {
  expect(markOf(null)).toBe('');
  expect(markOf(status({ kernel_id: null, state: 'none', changes }))).toBe('');
});

test('a kernel without a header is one of ours all the same', () => {
  expect(isStarted(status({ state: 'none' }))).toBe(true);
  expect(isRunning(status({ state: 'none' }))).toBe(true);
  const none = status({ kernel_id: null, state: 'none' });
  expect([isStarted(none), isRunning(none)]).toEqual([false, false]);
});

test('a build is shown before its kernel has an id', () => {
  const early = status({ kernel_id: null, state: 'building' });
  expect([isStarted(early), isRunning(early)]).toEqual([true, false]);
});
