import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { IEnvironmentModel } from '../tokens';
import type { IConnection, IOutputCell, IOutputsHost } from './lateoutputs';
import { LateOutputs } from './lateoutputs';
import { removeLeftovers } from './leftovers';
import { ProgressView, putInto } from './progressview';
import { WaitingCells } from './waitingcells';

/** The states of a kernel in which nothing waits for it any more. */
const ENDS: readonly Kernel.Status[] = ['restarting', 'autorestarting', 'dead'];

/** The notebooks that were looked through: a second view of one must not do it again. */
const opened = new WeakSet();

/** All that is done in the cells of one view of a notebook while they wait for the environment. */
export class CellFollower implements IDisposable, IOutputsHost {
  constructor(
    private readonly _panel: NotebookPanel,
    model: IEnvironmentModel,
    trans: TranslationBundle
  ) {
    const { context, sessionContext } = _panel;
    if (!opened.has(context)) {
      opened.add(context);
      this._removeLeftovers();
    }
    this._waiting = new WaitingCells(model, id => {
      const cell = this._find(id);
      return cell && putInto(cell, new ProgressView(trans));
    });
    this._outputs = new LateOutputs(model, this);
    sessionContext.kernelChanged.connect(this._onKernelChanged, this);
    sessionContext.statusChanged.connect(this._onStatusChanged, this);
  }

  get kernel(): IConnection | null {
    return this._panel.sessionContext.session?.kernel ?? null;
  }

  get isDisposed(): boolean {
    return this._outputs.isDisposed;
  }

  dispose(): void {
    const { sessionContext } = this._panel;
    sessionContext.kernelChanged.disconnect(this._onKernelChanged, this);
    sessionContext.statusChanged.disconnect(this._onStatusChanged, this);
    this._waiting.dispose();
    this._outputs.dispose();
  }

  cell(id: string): IOutputCell | null {
    const cell = this._find(id);
    return cell?.model.type === 'code' ? (cell as CodeCell) : null;
  }

  /** In a notebook that several people edit, another page may be the one that has sent it. */
  mayTake(): boolean {
    const { awareness } = this._panel.context.model.sharedModel as {
      awareness?: { getStates(): ReadonlyMap<number, unknown> };
    };
    return !awareness || awareness.getStates().size <= 1;
  }

  private _find(
    id: string
  ): NotebookPanel['content']['widgets'][number] | null {
    const { widgets } = this._panel.content;
    return widgets.find(cell => cell.model.id === id) ?? null;
  }

  private _onKernelChanged(): void {
    if (!this.kernel) {
      this._removeLeftovers();
    }
    this._outputs.update();
  }

  private _onStatusChanged(_: unknown, status: Kernel.Status): void {
    if (ENDS.includes(status)) {
      this._removeLeftovers();
    }
  }

  private _removeLeftovers(): void {
    removeLeftovers(this._panel.context.model.sharedModel.cells);
  }

  private readonly _outputs: LateOutputs;
  private readonly _waiting: WaitingCells;
}
