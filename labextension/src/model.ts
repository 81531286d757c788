import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { HeaderPush } from './headerpush';
import type {
  IEnvironmentEvent,
  IEnvironmentModel,
  IHeadstartApi,
  INotebookDocument,
  INotebookStatus,
  RefreshMode
} from './tokens';

/** How often a start or a build is looked at when no event tells of it, in milliseconds. */
export const BUILD_POLL = 3000;

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
    this._pollDelay = options.pollDelay ?? BUILD_POLL;
    this._push = new HeaderPush(this.document, this._api, options.pushDelay);
    this._push.accepted.connect(this._onPushed, this);
    this.document.kernelChanged.connect(this._lookAgain, this);
  }

  readonly document: INotebookDocument;

  get status(): INotebookStatus | null {
    return this._status;
  }

  get problem(): string {
    return this._problem;
  }

  get buildingSince(): number {
    return this._buildingSince;
  }

  get stateChanged(): ISignal<IEnvironmentModel, void> {
    return this._stateChanged;
  }

  get isActive(): boolean {
    return this._isActive;
  }
  set isActive(value: boolean) {
    if (this._isActive === value) {
      return;
    }
    this._isActive = value;
    clearTimeout(this._poll);
    if (value) {
      void this.refresh();
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
    clearTimeout(this._poll);
    this.document.kernelChanged.disconnect(this._lookAgain, this);
    this._push.dispose();
    Signal.clearData(this);
  }

  /** Read the state. Calls that overlap become one more reading after the one in hand. */
  refresh(): Promise<void> {
    if (this._reading) {
      this._readAgain = true;
      return this._reading;
    }
    this._reading = this._read().finally(() => {
      this._reading = null;
    });
    return this._reading;
  }

  /** Give the header another refresh mode, in the open document. */
  setRefreshMode(mode: RefreshMode): Promise<void> {
    return this._attempt(async () => {
      for (let attempt = 0; attempt < 2; attempt++) {
        const { path } = this.document;
        const snapshot = this.document.snapshot();
        const edit = await this._api.refresh(path, snapshot, mode);
        if (this._isDisposed) {
          return;
        }
        if (this.document.apply(edit, snapshot)) {
          return this._push.flush();
        }
      }
      throw new Error(
        'The notebook changed while its header was being edited.'
      );
    });
  }

  /** Restart with the header as the user sees it. */
  restart(): Promise<void> {
    return this._attempt(async () => {
      await this._push.sendAgain();
      await this.document.restart();
    });
  }

  cancel(): Promise<void> {
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
    const { kernelId, path } = this.document;
    const isOurs = event.kernel_id === kernelId;
    if (!this._isActive || (!isOurs && event.path !== path)) {
      return;
    }
    if (
      event.state === 'building' &&
      this._status &&
      (isOurs || this._isStarting)
    ) {
      this._showProgress(this._status, event);
    } else {
      void this.refresh();
    }
  }

  /** Whether a kernel is on its way, of which there is no session yet. */
  private get _isStarting(): boolean {
    return !this.document.kernelId && !this.document.hasNoKernel;
  }

  private async _read(): Promise<void> {
    do {
      this._readAgain = false;
      const { kernelId, path } = this.document;
      try {
        const status = await this._api.status(path, kernelId);
        if (this.document.kernelId === kernelId) {
          this._accept(path, status);
        } else {
          this._readAgain = true;
        }
      } catch (error) {
        this._report(error);
      }
    } while (this._readAgain && this._isActive && !this._isDisposed);
  }

  /** Take what the server says, unless it speaks of another notebook or kernel than ours. */
  private _accept(path: string, status: INotebookStatus): void {
    const { kernelId } = this.document;
    const isOther =
      status.kernel_id && kernelId && status.kernel_id !== kernelId;
    if (this._isDisposed || path !== this.document.path || isOther) {
      return;
    }
    this._status = this.document.hasNoKernel ? withoutKernel(status) : status;
    this._problem = '';
    this._noteBuild(this._status);
    this._stateChanged.emit();
  }

  private _showProgress(
    status: INotebookStatus,
    event: IEnvironmentEvent
  ): void {
    const { phase, message, done, total, size } = event;
    const progress = { phase, message, done, total, size, seconds: 0 };
    this._status = { ...status, state: 'building', progress };
    this._noteBuild(this._status);
    this._stateChanged.emit();
  }

  /**
   * Remember when the build began, and look again in case its events do not reach us. Those of a
   * kernel that is starting may have been emitted before our socket was open.
   */
  private _noteBuild({ state, progress }: INotebookStatus): void {
    clearTimeout(this._poll);
    const isBuilding = state === 'building';
    if (!isBuilding) {
      this._buildingSince = 0;
    } else if (progress?.seconds || !this._buildingSince) {
      this._buildingSince = Date.now() - (progress?.seconds ?? 0) * 1000;
    }
    if (this._isActive && (isBuilding || this._isStarting)) {
      this._poll = setTimeout(() => void this.refresh(), this._pollDelay);
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
    if (this._isDisposed) {
      return;
    }
    this._problem = error instanceof Error ? error.message : String(error);
    this._stateChanged.emit();
  }

  private _lookAgain(): void {
    if (this._isActive && !this._isDisposed) {
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
  private _buildingSince = 0;
  private _isActive = false;
  private _isDisposed = false;
  private _poll: ReturnType<typeof setTimeout> | undefined;
  private readonly _pollDelay: number;
  private _problem = '';
  private readonly _push: HeaderPush;
  private _readAgain = false;
  private _reading: Promise<void> | null = null;
  private readonly _stateChanged = new Signal<IEnvironmentModel, void>(this);
  private _status: INotebookStatus | null = null;
}

/** The status without that of a kernel which the server finds by the path: one that is ending. */
function withoutKernel(status: INotebookStatus): INotebookStatus {
  return {
    ...status,
    kernel_id: null,
    reads_headers: false,
    state: 'none',
    environment: null,
    notices: [],
    changes: null,
    note: null,
    progress: null,
    error: null
  };
}
