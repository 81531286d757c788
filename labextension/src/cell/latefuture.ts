import type { Kernel } from '@jupyterlab/services';
import { KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

type Request = KernelMessage.IExecuteRequestMsg;
type Reply = KernelMessage.IExecuteReplyMsg;
type Hook = (
  msg: KernelMessage.IIOPubMessage
) => boolean | PromiseLike<boolean>;

/** What the future needs of a kernel's connection. */
export type IMessages = Pick<
  Kernel.IKernelConnection,
  'iopubMessage' | 'statusChanged' | 'disposed'
>;

/**
 * The outputs of a request that an earlier page has sent.
 *
 * Jupyter's own futures belong to the page that sends: when it is reloaded, messages that come
 * later belong to none. The reply goes to the old page only, so that `idle` is the end here.
 */
export class LateFuture implements Kernel.IShellFuture<Request, Reply> {
  constructor(
    messageId: string,
    private readonly _kernel: IMessages
  ) {
    this.msg = KernelMessage.createMessage<Request>({
      msgType: 'execute_request',
      channel: 'shell',
      session: '',
      msgId: messageId,
      content: { code: '' }
    });
    _kernel.iopubMessage.connect(this._onMessage, this);
    _kernel.statusChanged.connect(this._onStatus, this);
    _kernel.disposed.connect(this.dispose, this);
  }

  readonly msg: Request;
  onReply: (msg: Reply) => void | PromiseLike<void> = noHandler;
  onIOPub: (msg: KernelMessage.IIOPubMessage) => void | PromiseLike<void> =
    noHandler;
  onStdin: (msg: KernelMessage.IStdinMessage) => void | PromiseLike<void> =
    noHandler;

  /** Rejects if the kernel goes before the end. There is no reply to resolve it with. */
  get done(): Promise<Reply> {
    return this._done.promise as Promise<never>;
  }

  /** The number of the execution; null until it has begun. */
  get executionCount(): number | null {
    return this._executionCount;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._kernel.iopubMessage.disconnect(this._onMessage, this);
    this._kernel.statusChanged.disconnect(this._onStatus, this);
    this._kernel.disposed.disconnect(this.dispose, this);
    this.onIOPub = noHandler;
    // Without effect after the end.
    this._done.reject(new Error('The kernel went before the cell was done.'));
  }

  registerMessageHook(hook: Hook): void {
    this._hooks.unshift(hook);
  }

  removeMessageHook(hook: Hook): void {
    this._hooks = this._hooks.filter(other => other !== hook);
  }

  sendInputReply(): void {
    throw new Error('The kernel asks the page that has run the cell.');
  }

  private _onMessage(_: unknown, msg: KernelMessage.IIOPubMessage): void {
    const parent = msg.parent_header;
    if ('msg_id' in parent && parent.msg_id === this.msg.header.msg_id) {
      // One after the other: a hook may take its time.
      this._turn = this._turn.then(() => this._handle(msg));
    }
  }

  private async _handle(msg: KernelMessage.IIOPubMessage): Promise<void> {
    for (const hook of this._hooks) {
      if (!(await hook(msg))) {
        return;
      }
    }
    if (this._isDisposed) {
      return;
    }
    if (KernelMessage.isExecuteInputMsg(msg)) {
      this._executionCount = msg.content.execution_count;
    }
    await this.onIOPub(msg);
    const isEnd =
      KernelMessage.isStatusMsg(msg) && msg.content.execution_state === 'idle';
    if (isEnd) {
      this._done.resolve(undefined);
      this.dispose();
    }
  }

  private _onStatus(_: unknown, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this.dispose();
    }
  }

  private readonly _done = new PromiseDelegate<unknown>();
  private _executionCount: number | null = null;
  private _hooks: Hook[] = [];
  private _isDisposed = false;
  private _turn: Promise<void> = Promise.resolve();
}

function noHandler(): void {
  // No handler is set.
}
