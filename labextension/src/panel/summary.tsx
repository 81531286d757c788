import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import React from 'react';
import { formatSize } from '../text/format';
import type { IEnvironment } from '../tokens';
import { ModeControl } from './mode';
import { stateName } from '../text/names';
import type { IViewProps } from './props';

/** State, key, Python, size and refresh mode, in three lines. */
export function Summary({ model, trans }: IViewProps): JSX.Element {
  const { status } = model;
  const { environment, header } = status ?? {};
  return (
    <section className="jp-Headstart-summary">
      <div className="jp-Headstart-row">
        <span className="jp-Headstart-state" data-state={status?.state}>
          {status && stateName(status, trans)}
        </span>
        {environment && <Key environment={environment} trans={trans} />}
      </div>
      {environment && (
        <p className="jp-Headstart-facts jp-Headstart-quiet">
          {factsOf(environment, trans).map(fact => (
            <span key={fact}>{fact} </span>
          ))}
        </p>
      )}
      {header && <ModeControl model={model} trans={trans} />}
    </section>
  );
}

function factsOf(
  environment: IEnvironment,
  trans: TranslationBundle
): string[] {
  const { packages, python, reused, size } = environment;
  return [
    trans.__('Python %1', python),
    trans._n('%1 package', '%1 packages', packages.length),
    formatSize(size),
    reused ? trans.__('reused') : trans.__('newly built')
  ];
}

interface IKeyProps {
  readonly environment: IEnvironment;
  readonly trans: TranslationBundle;
}

/** The short key; a click copies it. */
function Key({ environment, trans }: IKeyProps): JSX.Element {
  const { key, short_key } = environment;
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => setCopied(false), [key]);
  const copy = () => {
    Clipboard.copyToSystem(short_key);
    setCopied(true);
  };
  return (
    <button
      className="jp-Headstart-key"
      title={trans.__('Copy the key of the environment, %1', key)}
      onClick={copy}
    >
      <code>{short_key}</code>
      <copyIcon.react tag="span" height="14px" width="14px" />
      <span className="jp-Headstart-unseen" role="status">
        {copied ? trans.__('Copied') : ''}
      </span>
    </button>
  );
}
