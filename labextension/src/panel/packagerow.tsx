import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatSize } from '../format';
import type { IPackage } from '../tokens';

interface IPackageRowProps {
  readonly item: IPackage;
  readonly trans: TranslationBundle;
}

/** One package; its name opens what else is known of it. */
export const PackageRow = React.memo(function PackageRow({
  item,
  trans
}: IPackageRowProps): JSX.Element {
  const [isOpen, setIsOpen] = React.useState(false);
  const origin = item.required_by.join(', ');
  return (
    <>
      <tr data-direct={item.direct}>
        <td data-column="name">
          <button
            aria-expanded={isOpen}
            title={item.name}
            onClick={() => setIsOpen(!isOpen)}
          >
            {item.name}
          </button>
        </td>
        <td data-column="version" title={item.version}>
          {item.version}
        </td>
        <td data-column="size">{formatSize(item.size)}</td>
        <td data-column="origin" title={origin}>
          {item.direct ? trans.__('header') : origin}
        </td>
      </tr>
      {isOpen && (
        <tr className="jp-Headstart-details">
          <td colSpan={4}>
            <Details item={item} trans={trans} />
          </td>
        </tr>
      )}
    </>
  );
});

function Details({ item, trans }: IPackageRowProps): JSX.Element {
  const { homepage, license, required_by: needers, summary } = item;
  return (
    <>
      {summary && <p>{summary}</p>}
      <dl>
        {license && <Fact name={trans.__('Licence')}>{license}</Fact>}
        {homepage && (
          <Fact name={trans.__('Homepage')}>
            <a href={homepage} target="_blank" rel="noopener noreferrer">
              {homepage}
            </a>
          </Fact>
        )}
        {needers.length > 0 && (
          <Fact name={trans.__('Needed by')}>{needers.join(', ')}</Fact>
        )}
        {item.direct && (
          <Fact name={trans.__('Asked for by')}>{trans.__('the header')}</Fact>
        )}
      </dl>
    </>
  );
}

function Fact(props: {
  readonly name: string;
  readonly children: React.ReactNode;
}): JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}
