import React from 'react';
import type { IViewProps } from './props';

/** What the header asks for. */
export function Requirements({ model, trans }: IViewProps): JSX.Element {
  const requirements = model.status?.header?.requirements ?? [];
  return requirements.length ? (
    <ul className="jp-Headstart-requirements">
      {requirements.map(requirement => (
        <li key={requirement}>{requirement}</li>
      ))}
    </ul>
  ) : (
    <p className="jp-Headstart-quiet">{trans.__('no packages')}</p>
  );
}
