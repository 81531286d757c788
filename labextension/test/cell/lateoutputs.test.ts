import { KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, test } from 'vitest';
import type { LateFuture } from '../../src/cell/latefuture';
import type {
  IConnection,
  IOutputCell,
  IOutputsHost
} from '../../src/cell/lateoutputs';
import { LateOutputs } from '../../src/cell/lateoutputs';
import type { IWaitingCell } from '../../src/tokens';
import { FakeModel } from '../fakemodel';
import { settle } from '../fakes';
import { status } from '../values';

class FakeKernel {
  readonly id = 'k1';
  readonly anyMessage = new Signal<unknown, unknown>(this);
  readonly iopubMessage = new Signal<unknown, KernelMessage.IIOPubMessage>(
    this
  );
  readonly statusChanged = new Signal<unknown, string>(this);
  readonly disposed = new Signal<unknown, void>(this);

  /** A message of a cell that runs. */
  say(
    msgType: string,
    content: Record<string, unknown>,
    parent = 'm1'
  ): KernelMessage.IIOPubMessage {
    const header = { msg_id: parent, msg_type: 'execute_request' };
    const msg = KernelMessage.createMessage({
      msgType: msgType as 'stream',
      channel: 'iopub',
      session: 's',
      content: content as KernelMessage.IStreamMsg['content'],
      parentHeader: header as KernelMessage.IHeader<'execute_request'>
    });
    this.iopubMessage.emit(msg);
    return msg;
  }

  send(msg_id: string): void {
    const header = { msg_id, msg_type: 'execute_request' };
    this.anyMessage.emit({ direction: 'send', msg: { header } });
  }
}

class FakeCell {
  isDisposed = false;
  readonly got: KernelMessage.IIOPubMessage[] = [];
  readonly model: { executionCount: number | null; executionState: string } = {
    executionCount: null,
    executionState: 'idle'
  };
  readonly outputArea = new FakeArea(this.got);
  prompt = '';

  setPrompt(prompt: string): void {
    this.prompt = prompt;
  }
}

class FakeArea {
  constructor(private readonly _got: KernelMessage.IIOPubMessage[]) {}

  get future(): LateFuture | undefined {
    return this._future;
  }
  set future(future: LateFuture) {
    this._future?.dispose();
    this._future = future;
    future.onIOPub = msg => void this._got.push(msg);
  }

  private _future: LateFuture | undefined;
}

let cells: Record<string, FakeCell>;
let host: { kernel: IConnection | null } & IOutputsHost;
let kernel: FakeKernel;
let mayTake: boolean;
let model: FakeModel;
let outputs: LateOutputs;

beforeEach(() => {
  cells = { c1: new FakeCell(), c2: new FakeCell() };
  kernel = new FakeKernel();
  mayTake = true;
  model = new FakeModel();
  host = {
    kernel: kernel as unknown as IConnection,
    cell: id => (cells[id] as unknown as IOutputCell) ?? null,
    mayTake: () => mayTake
  };
  outputs = new LateOutputs(model, host);
});

function wait(...waiting: IWaitingCell[]): void {
  model.take(status({ state: 'building', waiting }));
}

const first = { msg_id: 'm1', cell_id: 'c1' };

test('a page that was reloaded gets the outputs of cells that wait', async () => {
  wait(first, { msg_id: 'm2', cell_id: 'c2' });
  expect(cells.c1.model.executionState).toBe('running');
  model.take(status());
  kernel.say('execute_input', { code: '1', execution_count: 4 });
  const shown = kernel.say('stream', { name: 'stdout', text: 'hello' });
  const other = kernel.say('stream', { name: 'stdout', text: 'two' }, 'm2');
  kernel.say('status', { execution_state: 'idle' });
  await settle();
  expect(cells.c1.got).toContain(shown);
  expect(cells.c1.got).not.toContain(other);
  expect(cells.c2.got).toEqual([other]);
  expect(cells.c1.model).toEqual({ executionCount: 4, executionState: 'idle' });
  expect(cells.c2.model.executionState).toBe('running');
});

test('what comes after the end is of no cell', async () => {
  wait(first);
  kernel.say('status', { execution_state: 'idle' });
  await settle();
  const { length } = cells.c1.got;
  kernel.say('stream', { name: 'stdout', text: 'late' });
  await settle();
  expect(cells.c1.got).toHaveLength(length);
});

test('what this page has sent is left alone', async () => {
  kernel.send('m1');
  wait(first);
  kernel.say('stream', { name: 'stdout', text: 'hello' });
  await settle();
  expect(cells.c1.got).toEqual([]);
  expect(cells.c1.model.executionState).toBe('idle');
});

test('a request is taken once, also where two views share the model of its cell', async () => {
  wait(first);
  const view = Object.assign(new FakeCell(), { model: cells.c1.model });
  const other = new LateOutputs(model, {
    ...host,
    cell: () => view as unknown as IOutputCell
  });
  wait(first);
  kernel.say('stream', { name: 'stdout', text: 'hello' });
  await settle();
  expect([cells.c1.got.length, view.got.length]).toEqual([1, 0]);
  other.dispose();
});

test('what was sent before anybody listened is known by its future', () => {
  const future = {
    dispose: () => undefined,
    msg: { header: { msg_id: 'm1' } }
  } as unknown as LateFuture;
  cells.c1.outputArea.future = future;
  wait(first);
  expect(cells.c1.outputArea.future).toBe(future);
});

test('it waits for the connection to the kernel', async () => {
  const { kernel: connection } = host;
  const other = new FakeModel();
  host.kernel = null;
  const late = new LateOutputs(other, host);
  other.take(status({ state: 'building', waiting: [first] }));
  host.kernel = connection;
  late.update();
  kernel.say('stream', { name: 'stdout', text: 'hello' });
  await settle();
  expect(cells.c1.got).toHaveLength(1);
  late.dispose();
});

test('another page may write them', () => {
  mayTake = false;
  wait(first);
  expect(cells.c1.model.executionState).toBe('idle');
  mayTake = true;
  wait(first);
  expect(cells.c1.model.executionState).toBe('running');
});

test('a kernel that restarts ends the wait without an output', async () => {
  wait(first);
  kernel.statusChanged.emit('restarting');
  await settle();
  expect(cells.c1.model).toEqual({
    executionCount: null,
    executionState: 'idle'
  });
});

test('a cell that is run again belongs to its later run', async () => {
  wait(first);
  kernel.send('m9');
  cells.c1.outputArea.future = {
    dispose: () => undefined,
    msg: { header: { msg_id: 'm9' } }
  } as unknown as LateFuture;
  cells.c1.model.executionState = 'running';
  await settle();
  expect(cells.c1.model.executionState).toBe('running');
});

test('an older JupyterLab shows that a cell runs by its prompt', async () => {
  cells.c1 = Object.assign(new FakeCell(), { model: { executionCount: null } });
  wait(first);
  expect(cells.c1.prompt).toBe('*');
  kernel.say('execute_input', { code: '1', execution_count: 2 });
  kernel.say('status', { execution_state: 'idle' });
  await settle();
  expect(cells.c1.prompt).toBe('');
  expect(cells.c1.model.executionCount).toBe(2);
});

test('when the notebook is closed it hears no more', async () => {
  wait(first);
  outputs.dispose();
  kernel.say('stream', { name: 'stdout', text: 'hello' });
  await settle();
  expect(cells.c1.got).toEqual([]);
});

test('a hook may keep a message from the cell', async () => {
  wait(first);
  const { future } = cells.c1.outputArea;
  const hook = () => false;
  future?.registerMessageHook(hook);
  kernel.say('stream', { name: 'stdout', text: 'kept' });
  await settle();
  expect(cells.c1.got).toEqual([]);
  future?.removeMessageHook(hook);
  kernel.say('stream', { name: 'stdout', text: 'hello' });
  await settle();
  expect(cells.c1.got).toHaveLength(1);
});
