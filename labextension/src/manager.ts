import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { EnvironmentModel } from './model/model';
import type {
  IEnvironmentModel,
  IHeadstartApi,
  IHeadstartManager,
  INotebookDocument
} from './tokens';
import { readEvent } from './validate';

/** The schema of the events that tell of a build. */
export const EVENT_SCHEMA =
  'https://schema.jupyter.org/headstart/environment/v1';

/** What Jupyter's event stream emits. */
export interface IEmission {
  readonly schema_id: string;
  readonly [name: string]: unknown;
}

/** Keeps one model for each open notebook and knows which is in front. */
export class HeadstartManager implements IHeadstartManager {
  constructor(private readonly _api: IHeadstartApi) {}

  get current(): IEnvironmentModel | null {
    return this._current;
  }

  get changed(): ISignal<IHeadstartManager, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._models.forEach(model => model.dispose());
    this._models.clear();
    Signal.clearData(this);
  }

  /** Follow an open notebook until it is closed. */
  open(document: INotebookDocument): IEnvironmentModel {
    const model = new EnvironmentModel({ document, api: this._api });
    model.stateChanged.connect(this._onStateChanged, this);
    this._models.set(document, model);
    return model;
  }

  /** The notebook was closed; the server forgets its unsaved header with the last view of it. */
  close(document: INotebookDocument): void {
    const { path } = document;
    const model = this._models.get(document);
    this._models.delete(document);
    const others = [...this._models.keys()];
    if (!others.some(other => other.path === path)) {
      this._api.close(path).catch(reason => {
        console.warn('Headstart could not close a notebook.', reason);
      });
    }
    if (model && model === this._current) {
      this.setCurrent(null);
    }
    model?.dispose();
  }

  /** This notebook is in front now; null if there is none. */
  setCurrent(document: INotebookDocument | null): void {
    const model = (document && this._models.get(document)) ?? null;
    if (model === this._current) {
      return;
    }
    if (this._current) {
      this._current.isActive = false;
    }
    this._current = model;
    if (model) {
      model.isActive = true;
    }
    this._changed.emit();
  }

  /** Take one emission of Jupyter's event stream; those of others are passed over. */
  handleEmission(emission: IEmission): void {
    if (emission.schema_id !== EVENT_SCHEMA) {
      return;
    }
    const event = readEvent(emission);
    this._models.forEach(model => model.handleEvent(event));
  }

  private _onStateChanged(model: IEnvironmentModel): void {
    if (model === this._current) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<IHeadstartManager, void>(this);
  private _current: EnvironmentModel | null = null;
  private _isDisposed = false;
  private readonly _models = new Map<INotebookDocument, EnvironmentModel>();
}
