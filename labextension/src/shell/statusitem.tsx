import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { markOf } from '../status';
import { markText } from '../text/names';
import { hasStatusItem, statusText } from '../text/statustext';
import type { IHeadstartManager, INotebookStatus } from '../tokens';

/** State and key of the notebook in front, in the status bar; a click opens the panel. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly _manager: IHeadstartManager,
    private readonly _open: () => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Headstart-statusItem');
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._manager.changed}>
        {() => this._renderStatus(this._manager.current?.status ?? null)}
      </UseSignal>
    );
  }

  private _renderStatus(status: INotebookStatus | null): JSX.Element | null {
    const trans = this._trans;
    if (!hasStatusItem(status)) {
      return null;
    }
    const mark = markOf(status);
    const caption = trans.__('Show the environment of the kernel');
    const words = markText(mark, trans);
    return (
      <button
        data-state={status.state}
        title={words ? `${caption}\n${words}` : caption}
        onClick={this._open}
      >
        {statusText(status, trans)}
      </button>
    );
  }
}
