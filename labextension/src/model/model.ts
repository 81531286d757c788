import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { BuildWatch } from './buildwatch';
import type { IHeaderSnapshot } from '../notebook/header';
import { sameSnapshot } from '../notebook/header';
import { HeaderPush } from '../notebook/headerpush';
import { isBuilding, isRunning, withEvent, withoutKernel } from '../status';
import { writeRefreshMode } from '../notebook/refreshmode';
import { StatusReader } from './statusreader';
import type {
  IEnvironmentEvent,
  IEnvironmentModel,
  IHeadstartApi,
  INotebookDocument,
  INotebookStatus,
  RefreshMode
} from '../tokens';

/** What a model is made of; the delays are in milliseconds. */
export interface IModelOptions {
  readonly document: INotebookDocument;
  readonly api: IHeadstartApi;
  readonly pushDelay?: number;
  readonly pollDelay?: number;
}

/**
 * What is known of one notebook's environment.
 *
 * The server's state is the truth: events only say when to look again and how far a build is.
 */
export class EnvironmentModel implements IEnvironmentModel {
  constructor(options: IModelOptions) {
    this.document = options.document;
    this._api = options.api;
    this._reader = new StatusReader(
      this.document,
      this._api,
      (path, status) => this._accept(path, status),
      reason => this._report(reason)
    );
    this._watch = new BuildWatch(() => this.refresh(), options.pollDelay);
    this._push = new HeaderPush(this.document, this._api, options.pushDelay);
    this._push.accepted.connect(this._onPushed, this);
    this.document.kernelChanged.connect(this._onKernelChanged, this);
  }

  readonly document: INotebookDocument;

  get status(): INotebookStatus | null {
    return this._status;
  }

  get problem(): string {
    return this._problem;
  }

  get buildingSince(): number {
    return this._watch.since;
  }

  get stateChanged(): ISignal<IEnvironmentModel, void> {
    return this._stateChanged;
  }

  get isActive(): boolean {
    return this._isActive;
  }
  set isActive(value: boolean) {
    if (this._isActive !== value) {
      this._isActive = value;
      this._lookAgain();
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._watch.dispose();
    this.document.kernelChanged.disconnect(this._onKernelChanged, this);
    this._push.dispose();
    Signal.clearData(this);
  }

  refresh(): Promise<void> {
    return this._reader.read();
  }

  setRefreshMode(mode: RefreshMode): Promise<void> {
    return this._attempt(async () => {
      await writeRefreshMode(this.document, this._api, mode);
      await this._push.flush();
    });
  }

  build(): Promise<void> {
    return this._attempt(() => this._build(false));
  }

  async apply(): Promise<void> {
    const { _status: status } = this;
    const isKernel = status !== null && status.kernel_id !== null;
    if (isKernel && (!isRunning(status) || status.changes)) {
      return this._attempt(() => this._build(isRunning(status)));
    }
    return this.restart();
  }

  restart(): Promise<void> {
    return this._attempt(async () => {
      await this._push.sendAgain();
      await this.document.restart();
    });
  }

  restartAndRun(): Promise<void> {
    return this._attempt(async () => {
      await this._push.sendAgain();
      await this.document.restartAndRun(this._waited);
    });
  }

  cancel(): Promise<void> {
    this._isTrying = false;
    return this._attempt(() =>
      this._api.cancel(this.document.path, this.document.kernelId)
    );
  }

  useHeadstart(): Promise<void> {
    return this._attempt(async () => {
      await this._push.sendAgain();
      await this.document.useHeadstart();
    });
  }

  handleEvent(event: IEnvironmentEvent): void {
    const { hasNoKernel, kernelId, path } = this.document;
    const isOurs = event.kernel_id === kernelId;
    const isStarting = !kernelId && !hasNoKernel;
    if (this._isDisposed || (!isOurs && event.path !== path)) {
      return;
    }
    const isKnown = this._status !== null && (isOurs || isStarting);
    // What else belongs to the end of a build is read with its state, where somebody sees it.
    if (isKnown && this._status && (isBuilding(event) || !this._isActive)) {
      this._take(withEvent(this._status, event));
    } else {
      this._lookAgain();
    }
  }

  /** Take what the server says, unless it speaks of another notebook or kernel than ours. */
  private _accept(path: string, status: INotebookStatus): void {
    const { kernelId } = this.document;
    const isOther =
      status.kernel_id && kernelId && status.kernel_id !== kernelId;
    if (this._isDisposed || path !== this.document.path || isOther) {
      return;
    }
    this._problem = '';
    const isOld = status.change !== null && this._isOld();
    const told = isOld ? { ...status, change: null } : status;
    this._take(this.document.hasNoKernel ? withoutKernel(told) : told);
    this._goOn();
  }

  private _take(status: INotebookStatus): void {
    const { hasNoKernel, kernelId } = this.document;
    if (status.kernel_id !== this._status?.kernel_id) {
      this._isTrying = false;
      this._waited = [];
    }
    if (status.waiting.length || isRunning(status)) {
      this._waited = status.waiting.map(cell => cell.cell_id).filter(Boolean);
    }
    this._status = status;
    // Events of a kernel that is starting may have been emitted before our socket was open.
    this._watch.note(status, this._isActive && !kernelId && !hasNoKernel);
    this._stateChanged.emit();
  }

  private async _build(isTried: boolean): Promise<void> {
    const { kernelId, path } = this.document;
    const snapshot = this.document.snapshot();
    this._tried = snapshot;
    const status = await this._api.build(path, kernelId, snapshot);
    this._reader.expire();
    this._isTrying = isTried;
    this._accept(path, status);
  }

  /** Whether the header has changed since it was tried: what came of that is of no interest. */
  private _isOld(): boolean {
    const { _tried: tried } = this;
    return tried !== null && !sameSnapshot(this.document.snapshot(), tried);
  }

  /** Ask for the restart when what was tried beside the kernel is there. */
  private _goOn(): void {
    const { _status: status } = this;
    if (!this._isTrying || !status?.change || status.state === 'changing') {
      return;
    }
    this._isTrying = false;
    // A dialog would take the next keys of a user who went on typing: the panel offers it then.
    if (status.change.ready && !this.document.hasFocus) {
      void this.restart();
    }
  }

  /** Do what the user asked for; a failure is shown, never thrown. */
  private async _attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this._problem = '';
    } catch (error) {
      this._report(error);
    }
    this._lookAgain();
  }

  private _report(error: unknown): void {
    if (!this._isDisposed) {
      this._problem = error instanceof Error ? error.message : String(error);
      this._stateChanged.emit();
    }
  }

  private _lookAgain(): void {
    if (this._isActive && !this._isDisposed) {
      void this.refresh();
    }
  }

  private _onKernelChanged(): void {
    const { kernelId } = this.document;
    if (this._isActive || (kernelId && kernelId !== this._status?.kernel_id)) {
      void this.refresh();
    }
  }

  private _onPushed(_: HeaderPush, status: INotebookStatus): void {
    if (status.kernel_id === this.document.kernelId) {
      this._accept(status.path, status);
    } else {
      this._lookAgain();
    }
  }

  private readonly _api: IHeadstartApi;
  private _isActive = false;
  private _isDisposed = false;
  private _isTrying = false;
  private _problem = '';
  private readonly _push: HeaderPush;
  private readonly _reader: StatusReader;
  private readonly _stateChanged = new Signal<IEnvironmentModel, void>(this);
  private _status: INotebookStatus | null = null;
  private _tried: IHeaderSnapshot | null = null;
  private _waited: readonly string[] = [];
  private readonly _watch: BuildWatch;
}
