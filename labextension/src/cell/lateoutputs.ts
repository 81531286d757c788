import type { CodeCell } from '@jupyterlab/cells';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { IEnvironmentModel } from '../tokens';
import type { IMessages } from './latefuture';
import { LateFuture } from './latefuture';

/** What is needed of a code cell. */
export type IOutputCell = Pick<
  CodeCell,
  'outputArea' | 'isDisposed' | 'setPrompt'
> & {
  readonly model: Pick<CodeCell['model'], 'executionCount'> &
    Partial<Pick<CodeCell['model'], 'executionState'>>;
};

/** What is needed of a kernel's connection. */
export type IConnection = IMessages &
  Pick<Kernel.IKernelConnection, 'id' | 'anyMessage'>;

/** Where the outputs go: one view of a notebook. */
export interface IOutputsHost {
  /** Null while there is none. */
  readonly kernel: IConnection | null;
  /** Null if the notebook has no such code cell. */
  cell(id: string): IOutputCell | null;
  /** Whether it is for this page to write the outputs of a request that it has not sent. */
  mayTake(messageId: string): boolean;
}

/** The requests whose outputs are written already, by cell model: two views share these. */
const taken = new WeakMap<object, string>();

/**
 * Attaches a page that was reloaded to the cells that wait since before: their outputs would be
 * lost, for the page that has sent them is gone.
 */
export class LateOutputs implements IDisposable {
  constructor(
    private readonly _model: IEnvironmentModel,
    private readonly _host: IOutputsHost
  ) {
    _model.stateChanged.connect(this.update, this);
    this.update();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._model.stateChanged.disconnect(this.update, this);
    this._kernel?.anyMessage.disconnect(this._onMessage, this);
    this._futures.forEach(future => future.dispose());
  }

  /** Look again: cells may wait, or another kernel may be there. */
  update(): void {
    const { kernel } = this._host;
    if (kernel !== this._kernel) {
      this._kernel?.anyMessage.disconnect(this._onMessage, this);
      this._kernel = kernel;
      kernel?.anyMessage.connect(this._onMessage, this);
    }
    const { kernel_id, waiting } = this._model.status ?? {};
    if (!kernel || kernel_id !== kernel.id) {
      return;
    }
    for (const { cell_id, msg_id } of waiting ?? []) {
      const isKnown = this._sent.has(msg_id) || this._futures.has(msg_id);
      const cell = isKnown ? null : this._host.cell(cell_id);
      if (cell && this._host.mayTake(msg_id)) {
        this._attach(cell, msg_id, kernel);
      }
    }
  }

  private _attach(cell: IOutputCell, msgId: string, kernel: IMessages): void {
    const { model, outputArea } = cell;
    const isSent = outputArea.future?.msg.header.msg_id === msgId;
    if (isSent || taken.get(model) === msgId) {
      return;
    }
    taken.set(model, msgId);
    const future = new LateFuture(msgId, kernel);
    this._futures.set(msgId, future);
    outputArea.future = future;
    setRunning(cell, true);
    const end = () => {
      this._futures.delete(msgId);
      // Another run of the cell may have taken its place.
      if (!cell.isDisposed && outputArea.future === future) {
        setRunning(cell, false);
        if (future.executionCount !== null) {
          model.executionCount = future.executionCount;
        }
      }
    };
    future.done.then(end, end);
  }

  private _onMessage(_: unknown, { direction, msg }: Kernel.IAnyMessageArgs) {
    if (direction === 'send' && msg.header.msg_type === 'execute_request') {
      this._sent.add(msg.header.msg_id);
    }
  }

  private readonly _futures = new Map<string, LateFuture>();
  private _isDisposed = false;
  private _kernel: IConnection | null = null;
  private readonly _sent = new Set<string>();
}

/** JupyterLab 4.2 has the prompt only; later, the model says that a cell runs. */
function setRunning(cell: IOutputCell, isRunning: boolean): void {
  if (cell.model.executionState !== undefined) {
    cell.model.executionState = isRunning ? 'running' : 'idle';
  } else {
    cell.setPrompt(isRunning ? '*' : '');
  }
}
