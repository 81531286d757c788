import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import {
  JUPYTEXT_KEY,
  METADATA_KEY,
  replacement,
  sameSnapshot,
  takeSnapshot
} from './header';
import type { IHeaderEdit, IHeaderSnapshot } from './header';
import type { INotebookDocument } from '../tokens';

/** The name of Headstart's kernelspec. */
const KERNEL_NAME = 'headstart';

/** The states in which a kernel's environment may become another. */
const RESTLESS: readonly (Kernel.Status | undefined)[] = [
  'starting',
  'restarting',
  'autorestarting',
  'dead',
  'terminating',
  'unknown'
];

/** A notebook that is open in JupyterLab or Notebook 7. */
export class NotebookDocument implements INotebookDocument {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _dialogs: ISessionContext.IDialogs
  ) {
    const { sessionContext } = _panel;
    sessionContext.kernelChanged.connect(this._onKernelChanged, this);
    sessionContext.statusChanged.connect(this._onStatusChanged, this);
    _panel.context.pathChanged.connect(this._onPathChanged, this);
    _panel.context.model.contentChanged.connect(this._onContentChanged, this);
    _panel.context.saveState.connect(this._onSaveState, this);
  }

  get path(): string {
    return this._panel.context.localPath;
  }

  get kernelId(): string | null {
    return this._panel.sessionContext.session?.kernel?.id ?? null;
  }

  get kernelName(): string {
    const { session, kernelDisplayName } = this._panel.sessionContext;
    return session?.kernel && !this.hasNoKernel ? kernelDisplayName : '';
  }

  get hasNoKernel(): boolean {
    const { hasNoKernel, session } = this._panel.sessionContext;
    return hasNoKernel || session?.kernel?.status === 'dead';
  }

  get contentChanged(): ISignal<INotebookDocument, void> {
    return this._contentChanged;
  }

  get saved(): ISignal<INotebookDocument, void> {
    return this._saved;
  }

  get kernelChanged(): ISignal<INotebookDocument, void> {
    return this._kernelChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  snapshot(): IHeaderSnapshot {
    const shared = this._shared;
    return takeSnapshot(
      shared.cells,
      shared.getMetadata(METADATA_KEY),
      shared.getMetadata(JUPYTEXT_KEY)
    );
  }

  apply(edit: IHeaderEdit, snapshot: IHeaderSnapshot): boolean {
    if (!sameSnapshot(this.snapshot(), snapshot)) {
      return false;
    }
    if (edit.place === 'metadata') {
      if (edit.metadata === null) {
        this._shared.deleteMetadata(METADATA_KEY);
      } else {
        this._shared.setMetadata(METADATA_KEY, edit.metadata);
      }
    } else if (edit.cell !== null && edit.source !== null) {
      const cell = this._shared.getCell(edit.cell);
      const { start, end, text } = replacement(cell.getSource(), edit.source);
      cell.updateSource(start, end, text);
    }
    return true;
  }

  insertHeader(source: string): void {
    this._shared.insertCell(0, { cell_type: 'code', source, metadata: {} });
    this._panel.content.activeCellIndex = 0;
  }

  get hasFocus(): boolean {
    return this._panel.node.contains(document.activeElement);
  }

  async restart(): Promise<void> {
    await notRestarting(this._panel.sessionContext);
    await this._dialogs.restart(this._panel.sessionContext);
  }

  async restartAndRun(cellIds: readonly string[]): Promise<void> {
    const { content, sessionContext } = this._panel;
    await notRestarting(sessionContext);
    await sessionContext.restartKernel();
    const cells = content.widgets.filter(cell =>
      cellIds.includes(cell.model.id)
    );
    if (cells.length) {
      await NotebookActions.runCells(
        content,
        cells,
        sessionContext,
        this._dialogs
      );
    }
  }

  async useHeadstart(): Promise<void> {
    await this._panel.sessionContext.changeKernel({ name: KERNEL_NAME });
  }

  private get _shared(): NonNullable<NotebookPanel['model']>['sharedModel'] {
    return this._panel.context.model.sharedModel;
  }

  private _onContentChanged(): void {
    this._contentChanged.emit();
  }

  private _onSaveState(_: unknown, state: string): void {
    if (state === 'completed') {
      this._saved.emit();
    }
  }

  private _onKernelChanged(): void {
    this._kernelChanged.emit();
  }

  private _onPathChanged(): void {
    this._contentChanged.emit();
    this._kernelChanged.emit();
  }

  /** Busy and idle come with every cell: only what is around a start or an end is of interest. */
  private _onStatusChanged(_: ISessionContext, status: Kernel.Status): void {
    const isOfInterest =
      RESTLESS.includes(status) || RESTLESS.includes(this._lastStatus);
    this._lastStatus = status;
    if (isOfInterest) {
      this._kernelChanged.emit();
    }
  }

  private readonly _contentChanged = new Signal<INotebookDocument, void>(this);
  private _isDisposed = false;
  private readonly _saved = new Signal<INotebookDocument, void>(this);
  private readonly _kernelChanged = new Signal<INotebookDocument, void>(this);
  private _lastStatus: Kernel.Status | undefined;
}

/** Wait for a restart under way: JupyterLab drops one that is asked for meanwhile. */
async function notRestarting(context: ISessionContext): Promise<void> {
  while (context.isRestarting) {
    await new Promise<void>(resolve => {
      const settle = () => {
        context.statusChanged.disconnect(settle);
        resolve();
      };
      context.statusChanged.connect(settle);
    });
  }
}
