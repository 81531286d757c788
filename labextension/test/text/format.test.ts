import { expect, test } from 'vitest';
import { formatSeconds, formatSize } from '../../src/text/format';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [250_000_000, '250 MB'],
  [5e18, '5000000 TB']
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text.replace(' ', '\u00a0'));
});

test.each([
  [-1, '0 s'],
  [8.9, '8 s'],
  [125, '2 min 5 s']
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
