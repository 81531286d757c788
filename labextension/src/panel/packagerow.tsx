import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatSize } from '../text/format';
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
          <Origin item={item} trans={trans} />
        </td>
        <td data-column="version" title={item.version}>
          {item.version}
        </td>
        <td data-column="size">{formatSize(item.size)}</td>
      </tr>
      {isOpen && (
        <tr className="jp-Headstart-details">
          <td colSpan={3}>
            <Details item={item} trans={trans} />
          </td>
        </tr>
      )}
    </>
  );
});

/** Who asked for the package, under its name. */
function Origin({ item, trans }: IPackageRowProps): JSX.Element {
  const needers = item.required_by.join(', ');
  const text = item.direct
    ? trans.__('in the header')
    : trans.__('needed by %1', needers);
  return (
    <div className="jp-Headstart-quiet" title={text}>
      {text}
    </div>
  );
}

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
              {homepage.replace(/^https?:\/\/(www\.)?/i, '')}
            </a>
          </Fact>
        )}
        {needers.length > 0 && (
          <Fact name={trans.__('Needed by')}>{needers.join(', ')}</Fact>
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
