import { expect, test } from 'vitest';
import { replacement, sameSnapshot, takeSnapshot } from '../src/header';

function cell(cell_type: string, source: string) {
  return { cell_type, getSource: () => source };
}

const header = '# /// script\n# dependencies = []\n# ///';

test('a snapshot holds the code and raw cells that may have a header', () => {
  const cells = [
    cell('markdown', header),
    cell('code', 'import numpy'),
    cell('raw', header),
    cell('code', header)
  ];
  expect(takeSnapshot(cells, undefined)).toEqual({
    cells: [
      { index: 2, cell_type: 'raw', source: header },
      { index: 3, cell_type: 'code', source: header }
    ],
    metadata: null
  });
});

test('snapshots differ by source, by place and by metadata', () => {
  const one = takeSnapshot([cell('code', header)], undefined);
  expect(
    sameSnapshot(one, takeSnapshot([cell('code', header)], undefined))
  ).toBe(true);
  const moved = [cell('markdown', ''), cell('code', header)];
  expect(sameSnapshot(one, takeSnapshot(moved, undefined))).toBe(false);
  const other = takeSnapshot([cell('code', header)], { refresh: true });
  expect(sameSnapshot(one, other)).toBe(false);
});

test.each([
  ['', 'abc'],
  ['abc', ''],
  ['same', 'same'],
  ['# ///', '# x\n# ///'],
  ['aaa', 'aaaa'],
  ['refresh = true # keep', 'refresh = false # keep']
])('the replacement turns %j into %j', (old, updated) => {
  const { start, end, text } = replacement(old, updated);
  expect(old.slice(0, start) + text + old.slice(end)).toBe(updated);
});

test('the replacement leaves what is around the change alone', () => {
  expect(replacement('one two three', 'one 2 three')).toEqual({
    start: 4,
    end: 7,
    text: '2'
  });
});
