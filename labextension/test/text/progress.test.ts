import { expect, test } from 'vitest';
import { amounts, barOf, stepTitle } from '../../src/text/progress';
import { progress, trans } from '../values';

test('a phase has its name, and Python that of the one that is prepared', () => {
  expect(stepTitle(progress(), trans)).toBe('Downloading');
  expect(stepTitle(progress({ phase: 'compile' }), trans)).toBe(
    'Compiling bytecode'
  );
  const layer = { phase: 'layer', message: 'Preparing Python 3.11, once' };
  expect(stepTitle(progress(layer), trans)).toBe(layer.message);
  expect(stepTitle(progress({ phase: 'of a later server' }), trans)).toBe(
    'Starting'
  );
  expect(stepTitle(null, trans)).toBe('Starting');
});

test('what is known is told, what is not is left out', () => {
  expect(amounts(null, trans)).toEqual([]);
  expect(amounts(progress({ total: 0 }), trans)).toEqual([]);
  expect(amounts(progress({ size: 2e6 }), trans)).toEqual([
    '1 of 3 packages',
    '2.0\u00a0MB'
  ]);
  const bytes = { bytes_done: 2e6, bytes_total: 10e6, size: 1, remaining: 33 };
  expect(amounts(progress(bytes), trans)).toEqual([
    '1 of 3 packages',
    '2.0\u00a0MB of 10.0\u00a0MB',
    'about 35 s left'
  ]);
});

test.each([
  [0, 'a few seconds left'],
  [7, 'a few seconds left'],
  [8, 'about 10 s left'],
  [58, 'about 60 s left'],
  [64, 'about 60 s left'],
  [89, 'about 90 s left'],
  [95, 'about 2 min left'],
  [600, 'about 10 min left']
])('an estimate of %d s is rounded', (remaining, text) => {
  expect(amounts(progress({ total: 0, remaining }), trans)).toEqual([text]);
});

test('there is one bar for the whole, which never leaves its ends', () => {
  expect(barOf(progress({ fraction: 0.5 }))).toEqual({ max: 1, value: 0.5 });
  expect(barOf(progress({ fraction: 1.2 })).value).toBe(1);
  expect(barOf(progress())).toEqual({});
  expect(barOf(null)).toEqual({});
});
