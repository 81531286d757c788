import type { IPackage } from './tokens';

/** What the packages can be sorted by; `origin` is who asked for them. */
export type PackageColumn = 'name' | 'version' | 'size' | 'origin';

/** An order of the packages. */
export interface IPackageOrder {
  readonly column: PackageColumn;
  readonly descending: boolean;
}

/** Those that the header asks for first. */
export const DEFAULT_ORDER: IPackageOrder = {
  column: 'origin',
  descending: false
};

// A collator compares several times as fast as localeCompare.
const collator = new Intl.Collator(undefined, { numeric: true });

type Comparison = (one: IPackage, other: IPackage) => number;

const COMPARISONS: Record<PackageColumn, Comparison> = {
  name: byName,
  version: (one, other) => collator.compare(one.version, other.version),
  size: (one, other) => one.size - other.size,
  origin: (one, other) =>
    Number(other.direct) - Number(one.direct) ||
    collator.compare(one.required_by.join(), other.required_by.join())
};

function byName(one: IPackage, other: IPackage): number {
  return collator.compare(one.name, other.name);
}

/** The packages whose name or origin holds the filter's words, in order. */
export function arrangePackages(
  packages: readonly IPackage[],
  filter: string,
  order: IPackageOrder
): readonly IPackage[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const compare = COMPARISONS[order.column];
  const sign = order.descending ? -1 : 1;
  return packages
    .filter(item => words.every(word => searchText(item).includes(word)))
    .sort((one, other) => sign * compare(one, other) || byName(one, other));
}

function searchText(item: IPackage): string {
  return [item.name, ...item.required_by].join(' ').toLowerCase();
}

/** The order after a click on a column's heading. */
export function nextOrder(
  order: IPackageOrder,
  column: PackageColumn
): IPackageOrder {
  return {
    column,
    descending: order.column === column ? !order.descending : column === 'size'
  };
}
