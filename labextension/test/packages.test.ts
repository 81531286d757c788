import { expect, test } from 'vitest';
import type { PackageOrder } from '../src/packages';
import { arrangePackages, nextOrder } from '../src/packages';
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

function names(filter = '', order: PackageOrder = null): string[] {
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
  const order = nextOrder(null, 'size');
  expect(names('', order)).toEqual(['pandas', 'numpy', 'attrs', 'six']);
});

test('clicks on a heading sort one way, the other way, and no more', () => {
  const first = nextOrder(null, 'name');
  const second = nextOrder(first, 'name');
  expect([first?.descending, second?.descending]).toEqual([false, true]);
  expect(nextOrder(second, 'name')).toBeNull();
});

test('another heading takes over', () => {
  const order = nextOrder({ column: 'size', descending: true }, 'version');
  expect(order).toEqual({ column: 'version', descending: false });
});

test('the filter wants every word in the name', () => {
  expect(names('A')).toEqual(['attrs', 'pandas']);
  expect(names('an pa')).toEqual(['pandas']);
  expect(names('nothing')).toEqual([]);
});
