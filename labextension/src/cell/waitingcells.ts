import type { IDisposable } from '@lumino/disposable';
import type { IEnvironmentModel, IStep } from '../tokens';

/** What is drawn in a cell that waits; it is disposed of with its cell. */
export interface IWaitingView extends IDisposable {
  /** Show how far the build is; null in a cell that waits for those before it. */
  showStep(step: IStep | null): void;
}

/** Draws in each cell of a notebook that waits for its environment, as long as it waits. */
export class WaitingCells implements IDisposable {
  /**
   * @param makeView - Draws in the cell of this id; null if the notebook has none.
   */
  constructor(
    private readonly _model: IEnvironmentModel,
    private readonly _makeView: (cellId: string) => IWaitingView | null
  ) {
    _model.stateChanged.connect(this._update, this);
    this._update();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._model.stateChanged.disconnect(this._update, this);
    this._views.forEach(view => view.dispose());
    this._views.clear();
  }

  private _update(): void {
    const { progress, waiting } = this._model.status ?? {};
    const ids = new Set((waiting ?? []).map(cell => cell.cell_id));
    ids.delete('');
    for (const [id, view] of this._views) {
      if (!ids.has(id) || view.isDisposed) {
        view.dispose();
        this._views.delete(id);
      }
    }
    const [first] = ids;
    for (const id of ids) {
      const view = this._views.get(id) ?? this._makeView(id);
      if (view) {
        this._views.set(id, view);
        view.showStep(id === first ? (progress ?? STARTING) : null);
      }
    }
  }

  private _isDisposed = false;
  private readonly _views = new Map<string, IWaitingView>();
}

/** The step of a build of which nothing is known yet. */
const STARTING: IStep = {
  phase: '',
  message: '',
  done: 0,
  total: 0,
  size: 0,
  bytes_done: 0,
  bytes_total: 0,
  fraction: null,
  remaining: null
};
