import type { IPackage } from './tokens';

/** What the packages can be sorted by. */
export type PackageColumn = 'name' | 'version' | 'size';

/** An order of the packages; null is those that the header asks for first, then by name. */
export type PackageOrder = {
  readonly column: PackageColumn;
  readonly descending: boolean;
} | null;

// A collator compares several times as fast as localeCompare.
const collator = new Intl.Collator(undefined, { numeric: true });

type Comparison = (one: IPackage, other: IPackage) => number;

const COMPARISONS: Record<PackageColumn, Comparison> = {
  name: byName,
  version: (one, other) => collator.compare(one.version, other.version),
  size: (one, other) => one.size - other.size
};

function byName(one: IPackage, other: IPackage): number {
  return collator.compare(one.name, other.name);
}

function directFirst(one: IPackage, other: IPackage): number {
  return Number(other.direct) - Number(one.direct);
}

/** The packages whose name holds every word of the filter, in order. */
export function arrangePackages(
  packages: readonly IPackage[],
  filter: string,
  order: PackageOrder
): readonly IPackage[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const compare = order ? COMPARISONS[order.column] : directFirst;
  const sign = order?.descending ? -1 : 1;
  return packages
    .filter(item => words.every(word => item.name.includes(word)))
    .sort((one, other) => sign * compare(one, other) || byName(one, other));
}

/** The order after a click on a column's heading: one way, the other way, and none. */
export function nextOrder(
  order: PackageOrder,
  column: PackageColumn
): PackageOrder {
  const first = column === 'size';
  if (order?.column !== column) {
    return { column, descending: first };
  }
  return order.descending === first ? { column, descending: !first } : null;
}
