import { expect, test } from 'vitest';
import { arrangePackages, DEFAULT_ORDER, nextOrder } from '../src/packages';
import type { IPackage } from '../src/tokens';

function item(
  name: string,
  version: string,
  size: number,
  ...required_by: string[]
): IPackage {
  const direct = required_by.length === 0;
  const about = { summary: '', license: '', homepage: '' };
  return { name, version, size, direct, required_by, ...about };
}

const packages = [
  item('six', '1.17', 10, 'python-dateutil'),
  item('pandas', '2.10', 300),
  item('numpy', '2.9', 200, 'pandas'),
  item('attrs', '25.1', 20)
];

function names(filter = '', order = DEFAULT_ORDER): string[] {
  return arrangePackages(packages, filter, order).map(found => found.name);
}

test('what the header asks for comes first', () => {
  expect(names()).toEqual(['attrs', 'pandas', 'numpy', 'six']);
});

test('versions are sorted as numbers', () => {
  const order = { column: 'version', descending: false } as const;
  expect(names('', order)).toEqual(['six', 'numpy', 'pandas', 'attrs']);
});

test('sizes begin with the largest', () => {
  const order = nextOrder(DEFAULT_ORDER, 'size');
  expect(names('', order)).toEqual(['pandas', 'numpy', 'attrs', 'six']);
});

test('a second click turns the order around', () => {
  const order = nextOrder(DEFAULT_ORDER, 'name');
  expect(order.descending).toBe(false);
  expect(nextOrder(order, 'name').descending).toBe(true);
});

test('the filter looks at names and at who needs them', () => {
  expect(names('PAN')).toEqual(['pandas', 'numpy']);
  expect(names('num pan')).toEqual(['numpy']);
  expect(names('nothing')).toEqual([]);
});
