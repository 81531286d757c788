import type { PartialJSONValue } from '@lumino/coreutils';
import type { IHeaderCell, IHeaderSnapshot } from './tokens';

/** What begins a header in a cell. */
const MARK = '# ///';

/** The key of a notebook's metadata that holds a header. */
export const METADATA_KEY = 'headstart';

/** A header to begin with. */
export const EXAMPLE_HEADER = `# /// script
# dependencies = ["pandas"]
# ///`;

/** A cell, as far as a header is concerned. */
export interface ICellSource {
  readonly cell_type: string;
  getSource(): string;
}

/** The cells and metadata in which a header may stand. */
export function takeSnapshot(
  cells: readonly ICellSource[],
  metadata: PartialJSONValue | undefined
): IHeaderSnapshot {
  return {
    cells: cells.flatMap(readCell),
    metadata: metadata ?? null
  };
}

function readCell(cell: ICellSource, index: number): IHeaderCell[] {
  if (cell.cell_type === 'markdown') {
    return [];
  }
  const source = cell.getSource();
  return source.includes(MARK)
    ? [{ index, cell_type: cell.cell_type, source }]
    : [];
}

/** Whether two snapshots show the same header. */
export function sameSnapshot(
  one: IHeaderSnapshot,
  other: IHeaderSnapshot
): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A replacement of `old.slice(start, end)` by `text`. */
export interface IReplacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The smallest replacement that makes `updated` of `old`: cursors outside it stay where they are. */
export function replacement(old: string, updated: string): IReplacement {
  const shorter = Math.min(old.length, updated.length);
  let start = 0;
  while (start < shorter && old[start] === updated[start]) {
    start++;
  }
  let tail = 0;
  while (
    tail < shorter - start &&
    old[old.length - 1 - tail] === updated[updated.length - 1 - tail]
  ) {
    tail++;
  }
  return {
    start,
    end: old.length - tail,
    text: updated.slice(start, updated.length - tail)
  };
}
