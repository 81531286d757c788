import { Signal } from '@lumino/signaling';
import type { IHeaderEdit, IHeaderSnapshot } from '../src/notebook/header';
import { takeSnapshot } from '../src/notebook/header';
import type {
  IHeadstartApi,
  INotebookDocument,
  INotebookStatus,
  RefreshMode
} from '../src/tokens';
import { status } from './values';

/** A server in memory. It records what it is asked and answers with `answer`. */
export class FakeApi implements IHeadstartApi {
  answer: INotebookStatus = status();
  edit: IHeaderEdit = {
    place: 'cell',
    cell: 0,
    source: null,
    metadata: null
  };
  readonly calls: string[] = [];
  readonly pushed: IHeaderSnapshot[] = [];
  /** Set to hold back the replies to `status` until it resolves. */
  gate: Promise<void> | null = null;
  /** Set to make each call fail. */
  failure: Error | null = null;

  async status(
    path: string,
    kernelId: string | null
  ): Promise<INotebookStatus> {
    this._called(`status ${path} ${kernelId}`);
    const { answer } = this;
    await this.gate;
    return answer;
  }

  push(
    path: string,
    _kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus> {
    return this._answering(() => {
      this._called(`push ${path}`);
      this.pushed.push(header);
      return this.answer;
    });
  }

  build(
    path: string,
    _kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus> {
    return this._answering(() => {
      this._called(`build ${path}`);
      this.pushed.push(header);
      return this.answer;
    });
  }

  refresh(
    path: string,
    _header: IHeaderSnapshot,
    mode: RefreshMode
  ): Promise<IHeaderEdit> {
    return this._answering(() => {
      this._called(`refresh ${path} ${mode}`);
      return this.edit;
    });
  }

  cancel(path: string, kernelId: string | null): Promise<void> {
    return this._answering(() => this._called(`cancel ${path} ${kernelId}`));
  }

  close(path: string): Promise<void> {
    return this._answering(() => this._called(`close ${path}`));
  }

  count(call: string): number {
    return this.calls.filter(item => item.startsWith(call)).length;
  }

  private _called(call: string): void {
    this.calls.push(call);
    if (this.failure) {
      throw this.failure;
    }
  }

  private async _answering<T>(answer: () => T): Promise<T> {
    await Promise.resolve();
    return answer();
  }
}

/** A notebook in memory with one code cell. */
export class FakeDocument implements INotebookDocument {
  path = 'a.ipynb';
  kernelId: string | null = 'k1';
  kernelName = 'Python (notebook header)';
  hasNoKernel = false;
  hasFocus = false;
  isDisposed = false;
  source = '# /// script\n# dependencies = ["numpy"]\n# ///';
  readonly calls: string[] = [];
  readonly contentChanged: Signal<INotebookDocument, void> = new Signal<
    INotebookDocument,
    void
  >(this);
  readonly saved: Signal<INotebookDocument, void> = new Signal<
    INotebookDocument,
    void
  >(this);
  readonly kernelChanged: Signal<INotebookDocument, void> = new Signal<
    INotebookDocument,
    void
  >(this);

  dispose(): void {
    this.isDisposed = true;
  }

  snapshot(): IHeaderSnapshot {
    const cell = { cell_type: 'code', getSource: () => this.source };
    return takeSnapshot([cell], undefined, undefined);
  }

  apply(edit: IHeaderEdit): boolean {
    this.calls.push('apply');
    this.write(edit.source ?? this.source);
    return true;
  }

  insertHeader(source: string): void {
    this.write(source);
  }

  restart(): Promise<void> {
    this.calls.push('restart');
    return Promise.resolve();
  }

  restartAndRun(cellIds: readonly string[]): Promise<void> {
    this.calls.push(`restartAndRun ${cellIds.join(' ')}`);
    return Promise.resolve();
  }

  useHeadstart(): Promise<void> {
    this.calls.push('useHeadstart');
    return Promise.resolve();
  }

  /** Type this into the cell. */
  write(source: string): void {
    this.source = source;
    this.contentChanged.emit();
  }

  /** Another kernel runs now. */
  changeKernel(kernelId: string | null): void {
    this.kernelId = kernelId;
    this.kernelChanged.emit();
  }
}

/** Let everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await Promise.resolve();
  }
}

/** A promise, and what resolves it. */
export function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>(resolve => {
    open = resolve;
  });
  return { promise, open };
}
