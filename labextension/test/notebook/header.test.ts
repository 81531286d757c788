import { expect, test } from 'vitest';
import {
  replacement,
  sameSnapshot,
  takeSnapshot
} from '../../src/notebook/header';

function cell(cell_type: string, source: string) {
  return { cell_type, getSource: () => source };
}

const header = '# /// script\n# dependencies = []\n# ///';

test('a snapshot holds the cells that have a header, or what looks like one', () => {
  const cells = [
    cell('markdown', header),
    cell('code', 'import numpy'),
    cell('raw', header),
    cell('code', header)
  ];
  expect(takeSnapshot(cells, undefined, undefined)).toEqual({
    cells: [
      { index: 0, cell_type: 'markdown', source: header },
      { index: 2, cell_type: 'raw', source: header },
      { index: 3, cell_type: 'code', source: header }
    ],
    metadata: null,
    jupytext: null
  });
});

test('front matter is that of the first cell', () => {
  const front = cell('raw', '---\nheadstart: numpy\n---');
  const other = cell('raw', '---\ntitle: x\n---');
  expect(takeSnapshot([front, front], undefined, undefined).cells).toEqual([
    { index: 0, cell_type: 'raw', source: front.getSource() }
  ]);
  expect(takeSnapshot([other], undefined, undefined).cells).toEqual([]);
});

test('a comment that jupytext made a text is sent only with jupytext', () => {
  const text = '/// script\ndependencies = []\n///';
  const cells = [cell('markdown', text), cell('raw', text), cell('code', text)];
  const jupytext = { text_representation: { extension: '.py' } };
  const sent = takeSnapshot(cells, undefined, jupytext);
  expect(sent.cells.map(({ index }) => index)).toEqual([0, 1]);
  expect(sent.jupytext).toEqual(jupytext);
  expect(takeSnapshot(cells, undefined, undefined).cells).toEqual([]);
});

test('snapshots differ by source, by place and by metadata', () => {
  const one = takeSnapshot([cell('code', header)], undefined, undefined);
  expect(
    sameSnapshot(
      one,
      takeSnapshot([cell('code', header)], undefined, undefined)
    )
  ).toBe(true);
  const moved = [cell('markdown', ''), cell('code', header)];
  expect(sameSnapshot(one, takeSnapshot(moved, undefined, undefined))).toBe(
    false
  );
  const other = takeSnapshot(
    [cell('code', header)],
    { refresh: true },
    undefined
  );
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
