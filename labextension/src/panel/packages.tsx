import type { TranslationBundle } from '@jupyterlab/translation';
import { InputGroup } from '@jupyterlab/ui-components';
import React from 'react';
import type { PackageColumn, PackageOrder } from '../packages';
import { arrangePackages, nextOrder } from '../packages';
import type { IPackage } from '../tokens';
import { PackageRow } from './packagerow';

interface IPackagesProps {
  readonly packages: readonly IPackage[];
  readonly trans: TranslationBundle;
}

/** What the running kernel really has: a table to filter and to sort. */
export function Packages({ packages, trans }: IPackagesProps): JSX.Element {
  const [filter, setFilter] = React.useState('');
  const [order, setOrder] = React.useState<PackageOrder>(null);
  const words = React.useDeferredValue(filter);
  const shown = React.useMemo(
    () => arrangePackages(packages, words, order),
    [packages, words, order]
  );
  const headings: [PackageColumn, string][] = [
    ['name', trans.__('Name')],
    ['version', trans.__('Version')],
    ['size', trans.__('Size')]
  ];
  const sortOf = (column: PackageColumn) => {
    if (column !== order?.column) {
      return 'none';
    }
    return order.descending ? 'descending' : 'ascending';
  };
  return (
    <section className="jp-Headstart-packages">
      <InputGroup
        type="search"
        value={filter}
        placeholder={trans.__('Filter packages')}
        aria-label={trans.__('Filter packages')}
        rightIcon="ui-components:search"
        onChange={event => setFilter(event.target.value)}
      />
      <p className="jp-Headstart-unseen" role="status">
        {trans._n('%1 package shown', '%1 packages shown', shown.length)}
      </p>
      <table aria-label={trans.__('Packages of the kernel')}>
        <thead>
          <tr>
            {headings.map(([column, heading]) => (
              <th
                key={column}
                scope="col"
                data-column={column}
                aria-sort={sortOf(column)}
              >
                <button onClick={() => setOrder(nextOrder(order, column))}>
                  {heading}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(item => (
            <PackageRow key={item.name} item={item} trans={trans} />
          ))}
        </tbody>
      </table>
      {!shown.length && (
        <p className="jp-Headstart-quiet">
          {trans.__('No package matches the filter.')}
        </p>
      )}
    </section>
  );
}
