import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { isBuilding, isRunning, isStarted } from '../status';
import type {
  IEnvironmentModel,
  IFailure,
  IHeadstartManager,
  INotebookStatus
} from '../tokens';
import { Building } from './building';
import { Changes } from './changes';
import { Empty, NoKernel, NoNotebook } from './empty';
import { Failed } from './failed';
import { Held } from './held';
import { Failure, Notice } from './notice';
import { Packages } from './packages';
import type { IViewProps } from './props';
import { Summary } from './summary';

/** The body of the panel: what is known of the notebook in front. */
export class EnvironmentView extends ReactWidget {
  constructor(
    private readonly _manager: IHeadstartManager,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Headstart-view');
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._manager.changed}>
        {() => this._renderCurrent(this._manager.current)}
      </UseSignal>
    );
  }

  private _renderCurrent(model: IEnvironmentModel | null): JSX.Element {
    const trans = this._trans;
    if (!model) {
      return <NoNotebook trans={trans} />;
    }
    return (
      <>
        {model.problem && <Unreachable model={model} trans={trans} />}
        {model.status && <NotebookView model={model} trans={trans} />}
      </>
    );
  }
}

function Unreachable({ model, trans }: IViewProps): JSX.Element {
  return (
    <Notice
      kind="error"
      title={trans.__('That did not work')}
      action={trans.__('Try again')}
      onAction={() => void model.refresh()}
    >
      <p>{model.problem}</p>
    </Notice>
  );
}

function NotebookView({ model, trans }: IViewProps): JSX.Element | null {
  const { status } = model;
  if (!status) {
    return null;
  }
  const { environment, state } = status;
  const isOurs = isStarted(status);
  return (
    <>
      {(isOurs || status.header) && <Summary model={model} trans={trans} />}
      {isBuilding(status) && <Building model={model} trans={trans} />}
      {state === 'held' && <Held model={model} trans={trans} />}
      {state === 'failed' && <Failed model={model} trans={trans} />}
      {status.note && (
        <Notice kind="warning" title={trans.__('The notebook was not found')}>
          <p>{status.note}</p>
        </Notice>
      )}
      {status.header_error && !isSaid(status.header_error, status) && (
        <Failure
          title={trans.__('The header has an error')}
          failure={status.header_error}
          trans={trans}
        />
      )}
      {status.header?.warnings.map(warning => (
        <Notice key={warning} kind="warning" title={trans.__('In the header')}>
          <p>{warning}</p>
        </Notice>
      ))}
      {status.notices.map(notice => (
        <Notice
          key={notice}
          kind="warning"
          title={trans.__('About the packages')}
        >
          <p>{notice}</p>
        </Notice>
      ))}
      {isRunning(status) && <Changes model={model} trans={trans} />}
      {!isOurs && status.header && <NoKernel model={model} trans={trans} />}
      {status.misplaced && (
        <Notice kind="warning" title={trans.__('Not read as a header')}>
          <p>{status.misplaced}</p>
        </Notice>
      )}
      {!status.header && !status.header_error && (
        <Empty model={model} trans={trans} />
      )}
      {environment && environment.packages.length > 0 && (
        <Packages packages={environment.packages} trans={trans} />
      )}
    </>
  );
}

/** Whether the kernel failed for just this reason, so that it is shown already. */
function isSaid(failure: IFailure, { error }: INotebookStatus): boolean {
  return failure.code === error?.code && failure.message === error.message;
}
