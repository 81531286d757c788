import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type {
  IHeadstartApi,
  INotebookDocument,
  INotebookStatus
} from '../tokens';

/** How long the editor must be at rest before its header is sent, in milliseconds. */
export const PUSH_DELAY = 200;

/**
 * Sends a notebook's header as it stands in the editor, so that a restart uses what the user
 * sees. The first is sent when the notebook opens: edits of an earlier session that were
 * discarded must not outlive it on the server. It is sent again when the notebook was saved: for
 * the server, what is stored has become the editor's own, and is no change by somebody else.
 */
export class HeaderPush implements IDisposable {
  constructor(
    private readonly _document: INotebookDocument,
    private readonly _api: IHeadstartApi,
    private readonly _delay: number = PUSH_DELAY
  ) {
    _document.contentChanged.connect(this._schedule, this);
    _document.saved.connect(this._onSaved, this);
    this._schedule();
  }

  /** The server took a header and answered with the notebook's status. */
  get accepted(): ISignal<HeaderPush, INotebookStatus> {
    return this._accepted;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._document.contentChanged.disconnect(this._schedule, this);
    this._document.saved.disconnect(this._onSaved, this);
    Signal.clearData(this);
  }

  /** Send the header now if the server does not have it yet. Rejects if it cannot be sent. */
  async flush(): Promise<void> {
    clearTimeout(this._timer);
    const { kernelId, path } = this._document;
    const snapshot = this._document.snapshot();
    const content = JSON.stringify([path, snapshot]);
    if (this._isDisposed || content === this._sent) {
      return this._sending;
    }
    this._sent = content;
    this._sending = this._send(content, () =>
      this._api.push(path, kernelId, snapshot)
    );
    return this._sending;
  }

  /** Send the header now in any case: the file may have changed since it was sent. */
  async sendAgain(): Promise<void> {
    this._sent = '';
    return this.flush();
  }

  private async _send(
    content: string,
    push: () => Promise<INotebookStatus>
  ): Promise<void> {
    try {
      const status = await push();
      if (!this._isDisposed && this._sent === content) {
        this._accepted.emit(status);
      }
    } catch (error) {
      if (this._sent === content) {
        this._sent = '';
      }
      throw error;
    }
  }

  private _schedule(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this.flush().catch(reason => {
        console.warn('Headstart could not send the header.', reason);
      });
    }, this._delay);
  }

  private _onSaved(): void {
    this._sent = '';
    this._schedule();
  }

  private _accepted = new Signal<HeaderPush, INotebookStatus>(this);
  private _isDisposed = false;
  private _sending: Promise<void> = Promise.resolve();
  private _sent = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
