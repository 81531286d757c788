import React from 'react';
import type { IViewProps } from './props';
import { Requirements } from './requirements';

/** Nothing is installed before the user says so: what would be, and how to begin. */
export function Held({ model, trans }: IViewProps): JSX.Element {
  return (
    <section className="jp-Headstart-empty">
      <p>
        {trans.__(
          "Nothing is installed yet: this notebook's header was not run here before. Run a cell, or build it now."
        )}
      </p>
      <button
        className="jp-Headstart-button"
        onClick={() => void model.build()}
      >
        {trans.__('Build')}
      </button>
      {model.status?.header && (
        <>
          <p>{trans.__('It asks for:')}</p>
          <Requirements model={model} trans={trans} />
        </>
      )}
    </section>
  );
}
