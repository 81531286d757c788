import type { IDisposable } from '@lumino/disposable';
import { isBuilding } from '../status';
import type { INotebookStatus } from '../tokens';

/** How often a start or a build is looked at when no event tells of it, in milliseconds. */
export const BUILD_POLL = 3000;

/** Knows since when a build goes on, and looks again in case its events do not reach us. */
export class BuildWatch implements IDisposable {
  /**
   * @param look - What reads the state again.
   * @param delay - How long to wait for an event before, in milliseconds.
   */
  constructor(
    private readonly _look: () => Promise<void>,
    private readonly _delay: number = BUILD_POLL
  ) {}

  /** When the build began, in milliseconds since the epoch; 0 if there is none. */
  get since(): number {
    return this._since;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
  }

  /** Take the state of now; `isStarting` says that a kernel is on its way. */
  note(status: INotebookStatus, isStarting: boolean): void {
    clearTimeout(this._timer);
    const seconds = status.progress?.seconds ?? 0;
    if (!isBuilding(status)) {
      this._since = 0;
    } else if (seconds || !this._since) {
      this._since = Date.now() - seconds * 1000;
    }
    if (!this._isDisposed && (isBuilding(status) || isStarting)) {
      this._timer = setTimeout(() => void this._look(), this._delay);
    }
  }

  private _isDisposed = false;
  private _since = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
