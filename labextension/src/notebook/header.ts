import type { JSONValue, PartialJSONValue } from '@lumino/coreutils';
import type { HeaderPlace } from '../tokens';

/** What begins a header in a cell. */
const MARK = '# ///';

/** The same where jupytext has made the comment of a script a cell of text. */
const TEXT_MARK = '///';

/** The key of a notebook's metadata, or of its front matter, that holds a header. */
export const METADATA_KEY = 'headstart';

/** The key of a notebook's metadata under which jupytext says what file it was made of. */
export const JUPYTEXT_KEY = 'jupytext';

/** A header to begin with. */
export const EXAMPLE_HEADER = `# /// script
# dependencies = ["pandas"]
# ///`;

/** A cell that may hold a header. `index` counts from 0. */
export interface IHeaderCell {
  readonly index: number;
  readonly cell_type: string;
  readonly source: string;
}

/** A notebook's header as it stands in the editor, saved or not. */
export interface IHeaderSnapshot {
  readonly cells: readonly IHeaderCell[];
  readonly metadata: PartialJSONValue;
  /** What the metadata says of jupytext: its cells may be those of a text file. */
  readonly jupytext: PartialJSONValue;
}

/**
 * An edit of a header: the cell's new source, or the new value of the metadata's `headstart`; null
 * there removes the key.
 */
export interface IHeaderEdit {
  readonly place: HeaderPlace;
  readonly cell: number | null;
  readonly source: string | null;
  readonly metadata: JSONValue;
}

/** A cell, as far as a header is concerned. */
export interface ICellSource {
  readonly cell_type: string;
  getSource(): string;
}

/** The cells and metadata in which a header may stand. */
export function takeSnapshot(
  cells: readonly ICellSource[],
  metadata: PartialJSONValue | undefined,
  jupytext: PartialJSONValue | undefined
): IHeaderSnapshot {
  const isText = jupytext !== undefined && jupytext !== null;
  return {
    cells: cells.flatMap((cell, index) => {
      const { cell_type } = cell;
      const source = cell.getSource();
      return mayHaveHeader(cell_type, source, index, isText)
        ? [{ index, cell_type, source }]
        : [];
    }),
    metadata: metadata ?? null,
    jupytext: jupytext ?? null
  };
}

function mayHaveHeader(
  type: string,
  source: string,
  index: number,
  isText: boolean
): boolean {
  if (type === 'markdown') {
    return source.includes(isText ? TEXT_MARK : MARK);
  }
  if (type === 'raw') {
    const isFrontMatter = index === 0 && source.includes(METADATA_KEY);
    return isFrontMatter || source.includes(isText ? TEXT_MARK : MARK);
  }
  return source.includes(MARK);
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
