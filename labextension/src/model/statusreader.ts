import type {
  IHeadstartApi,
  INotebookDocument,
  INotebookStatus
} from '../tokens';

/** Reads the status of one notebook, one reading at a time, and hands on what is of its kernel. */
export class StatusReader {
  constructor(
    private readonly _document: INotebookDocument,
    private readonly _api: IHeadstartApi,
    private readonly _accept: (path: string, status: INotebookStatus) => void,
    private readonly _fail: (reason: unknown) => void
  ) {}

  /** Read. Calls that overlap become one more reading after the one in hand. */
  read(): Promise<void> {
    if (this._reading) {
      this._again = true;
      return this._reading;
    }
    this._reading = this._read();
    return this._reading;
  }

  /** What is being read is old: read again instead of handing it on. */
  expire(): void {
    this._expired++;
  }

  private async _read(): Promise<void> {
    do {
      this._again = false;
      const expired = this._expired;
      const { kernelId, path } = this._document;
      try {
        const status = await this._api.status(path, kernelId);
        const isOld = this._expired !== expired;
        if (isOld || this._document.kernelId !== kernelId) {
          this._again = true;
        } else {
          this._accept(path, status);
        }
      } catch (error) {
        this._fail(error);
      }
    } while (this._again && !this._document.isDisposed);
    // In the same turn as the last look at `_again`: a call in between would be forgotten.
    this._reading = null;
  }

  private _again = false;
  private _expired = 0;
  private _reading: Promise<void> | null = null;
}
