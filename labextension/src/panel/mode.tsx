import React from 'react';
import type { RefreshMode } from '../tokens';
import { modeName } from '../text/names';
import type { IViewProps } from './props';

const MODES: readonly RefreshMode[] = ['cached', 'ephemeral'];

/** The refresh mode of the header, as a two-way control that edits the open document. */
export function ModeControl({ model, trans }: IViewProps): JSX.Element {
  const [wanted, setWanted] = React.useState<RefreshMode | null>(null);
  const choose = async (mode: RefreshMode) => {
    if (wanted) {
      return;
    }
    setWanted(mode);
    await model.setRefreshMode(mode);
    setWanted(null);
  };
  const shown = wanted ?? model.status?.header?.refresh;
  const group = React.useId();
  // Not disabled meanwhile: a disabled control loses the keyboard's focus.
  return (
    <fieldset className="jp-Headstart-mode" aria-busy={wanted !== null}>
      <legend className="jp-Headstart-unseen">
        {trans.__('Environment at each start of the kernel')}
      </legend>
      {MODES.map(mode => (
        <label
          key={mode}
          title={
            mode === 'cached'
              ? trans.__('A start reuses the environment if it is in the store')
              : trans.__('Each start builds a new environment, removed after')
          }
        >
          <input
            type="radio"
            name={group}
            checked={shown === mode}
            onChange={() => void choose(mode)}
          />
          <span>{modeName(mode, trans)}</span>
        </label>
      ))}
    </fieldset>
  );
}
