import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { EXAMPLE_HEADER } from '../notebook/header';
import type { IViewProps } from './props';
import { Requirements } from './requirements';

/** No notebook is open. */
export function NoNotebook({
  trans
}: {
  readonly trans: TranslationBundle;
}): JSX.Element {
  return (
    <section className="jp-Headstart-empty">
      <h3>{trans.__('No notebook')}</h3>
      <p>
        {trans.__(
          'Open a notebook to see the environment that its kernel runs in.'
        )}
      </p>
    </section>
  );
}

/** The notebook has no header: what would appear here, and how to begin. */
export function Empty({ model, trans }: IViewProps): JSX.Element {
  return (
    <section className="jp-Headstart-empty">
      <h3>{trans.__('No header yet')}</h3>
      <p>
        {trans.__(
          'A header says which packages a notebook needs. With one, its kernel runs in an environment that has exactly those, and they appear here: key, Python, and every package with its version and size.'
        )}
      </p>
      <p>{trans.__('To begin, put this into the first code cell:')}</p>
      <pre tabIndex={0} aria-label={trans.__('Example of a header')}>
        {EXAMPLE_HEADER}
      </pre>
      <button
        className="jp-Headstart-button"
        onClick={() => model.document.insertHeader(EXAMPLE_HEADER)}
      >
        {trans.__('Add this header')}
      </button>
    </section>
  );
}

/** There is a header, and no kernel that has read it. */
export function NoKernel({ model, trans }: IViewProps): JSX.Element {
  const { why, action, act } = wayOut({ model, trans });
  return (
    <section className="jp-Headstart-empty">
      <p>{why}</p>
      <button className="jp-Headstart-button" onClick={() => void act()}>
        {action}
      </button>
      <p>{trans.__('It would run in an environment with:')}</p>
      <Requirements model={model} trans={trans} />
    </section>
  );
}

function wayOut({ model, trans }: IViewProps): {
  readonly why: string;
  readonly action: string;
  readonly act: () => Promise<void>;
} {
  const { kernelName } = model.document;
  if (!kernelName) {
    return {
      why: trans.__('No kernel is running.'),
      action: trans.__('Start the Headstart kernel'),
      act: () => model.useHeadstart()
    };
  }
  if (model.status?.reads_headers) {
    return {
      why: trans.__(
        'The kernel of this notebook, %1, was started without the header.',
        kernelName
      ),
      action: trans.__('Restart and apply'),
      act: () => model.restart()
    };
  }
  return {
    why: trans.__(
      'The kernel of this notebook, %1, does not read the header.',
      kernelName
    ),
    action: trans.__('Change to the Headstart kernel'),
    act: () => model.useHeadstart()
  };
}
