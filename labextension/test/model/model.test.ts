import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PUSH_DELAY } from '../../src/notebook/headerpush';
import { BUILD_POLL } from '../../src/model/buildwatch';
import { EnvironmentModel } from '../../src/model/model';
import { FakeApi, FakeDocument, gate, settle } from '../fakes';
import { event, progress as stepOf, status } from '../values';

let api: FakeApi;
let document: FakeDocument;
let model: EnvironmentModel;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeApi();
  document = new FakeDocument();
  model = new EnvironmentModel({ api, document });
});

afterEach(() => {
  model.dispose();
  vi.useRealTimers();
});

async function wake(): Promise<void> {
  model.isActive = true;
  await settle();
}

const progress = stepOf({ phase: 'resolve', message: 'Resolving' });

test('reads the state when it wakes', async () => {
  await wake();
  expect(api.calls).toEqual(['status a.ipynb k1']);
  expect(model.status?.state).toBe('ready');
});

test('behind, it reads nothing: its header is sent, and events tell of its kernel', async () => {
  await vi.advanceTimersByTimeAsync(1000);
  expect(model.status?.state).toBe('ready');
  document.kernelChanged.emit();
  const waiting = [{ msg_id: 'm1', cell_id: 'c1' }];
  model.handleEvent(event({ waiting }));
  expect(model.status?.waiting).toEqual(waiting);
  model.handleEvent(event({ state: 'failed' }));
  await settle();
  expect(model.status).toMatchObject({ state: 'failed', waiting: [] });
  expect(api.count('status')).toBe(0);
  expect(api.count('push')).toBe(1);
});

test('behind, it reads once for another kernel', async () => {
  await vi.advanceTimersByTimeAsync(1000);
  api.answer = status({ kernel_id: 'k2', state: 'held' });
  document.changeKernel('k2');
  await settle();
  document.kernelChanged.emit();
  await settle();
  expect(api.count('status')).toBe(1);
  expect(model.status?.state).toBe('held');
});

test('overlapping readings become one more', async () => {
  const { promise, open } = gate();
  api.gate = promise;
  const readings = [model.refresh(), model.refresh(), model.refresh()];
  model.isActive = true;
  open();
  await Promise.all(readings);
  await settle();
  expect(api.count('status')).toBe(2);
});

test('a reply for a kernel that is no longer current is dropped', async () => {
  await wake();
  const { promise, open } = gate();
  api.gate = promise;
  api.answer = status({ state: 'failed' });
  const reading = model.refresh();
  document.kernelId = 'k2';
  api.answer = status({ kernel_id: 'k2', state: 'building' });
  open();
  await reading;
  expect(model.status?.state).toBe('building');
  expect(model.status?.kernel_id).toBe('k2');
});

test('a reply for a path that the notebook no longer has is dropped', async () => {
  await wake();
  const { promise, open } = gate();
  api.gate = promise;
  api.answer = status({ state: 'failed' });
  const reading = model.refresh();
  document.path = 'b.ipynb';
  open();
  await reading;
  expect(model.status?.state).toBe('ready');
});

test('an event of the build is shown at once', async () => {
  await wake();
  model.handleEvent(event());
  expect(model.status?.state).toBe('building');
  expect(model.status?.progress?.message).toBe('Downloading numpy');
  expect(api.count('status')).toBe(1);
});

test('an event of another notebook is passed over', async () => {
  await wake();
  model.handleEvent(event({ path: 'b.ipynb', kernel_id: 'k9' }));
  await settle();
  expect(model.status?.state).toBe('ready');
  expect(api.count('status')).toBe(1);
});

test('before its kernel is known, a notebook hears events by its path', async () => {
  document.kernelId = null;
  api.answer = status({ kernel_id: null, state: 'none' });
  await wake();
  model.handleEvent(event({ kernel_id: 'k7' }));
  expect(model.status?.state).toBe('building');
});

test.each(['ready', 'failed'] as const)(
  'the state is read again after "%s"',
  async state => {
    await wake();
    model.handleEvent(event());
    api.answer = status({ state });
    model.handleEvent(event({ state }));
    await settle();
    expect(api.count('status')).toBe(2);
    expect(model.status?.state).toBe(state);
  }
);

test('a build whose events do not arrive is looked at again', async () => {
  api.answer = status({ state: 'building', progress });
  await wake();
  await model.restart();
  api.answer = status();
  await vi.advanceTimersByTimeAsync(BUILD_POLL);
  expect(model.status?.state).toBe('ready');
  const readings = api.count('status');
  await vi.advanceTimersByTimeAsync(10 * BUILD_POLL);
  expect(api.count('status')).toBe(readings);
});

test('the beginning of a build is reckoned from the server', async () => {
  api.answer = status({ state: 'building', progress });
  await wake();
  expect(Date.now() - model.buildingSince).toBe(5000);
  model.handleEvent(event());
  expect(Date.now() - model.buildingSince).toBe(5000);
});

test('after a restart by any route the state is read again', async () => {
  await wake();
  document.kernelChanged.emit();
  await settle();
  expect(api.count('status')).toBe(2);
});

test('a restart sends the unsaved header first', async () => {
  await wake();
  document.write('# /// script\n# dependencies = ["scipy"]\n# ///');
  await model.restart();
  expect(api.pushed.at(-1)?.cells[0].source).toContain('scipy');
  expect(document.calls).toEqual(['restart']);
});

test('a restart and a change to our kernel send the header, sent or not', async () => {
  await vi.advanceTimersByTimeAsync(1000);
  await model.restart();
  await model.useHeadstart();
  expect(api.count('push')).toBe(3);
});

test('a restart is not made if the header cannot be sent', async () => {
  await wake();
  api.failure = new Error('No connection');
  await model.restart();
  expect(document.calls).toEqual([]);
  expect(model.problem).toBe('No connection');
});

test('the refresh mode is an edit of the open document, sent at once', async () => {
  await wake();
  const source = '# /// script\n# [tool.headstart]\n# refresh = true\n# ///';
  api.edit = { place: 'cell', cell: 0, source, metadata: null };
  await model.setRefreshMode('ephemeral');
  expect(document.source).toBe(source);
  expect(api.pushed.at(-1)?.cells[0].source).toBe(source);
});

test('an edit of a header that has changed since is computed again', async () => {
  await wake();
  const applied = vi.spyOn(document, 'apply').mockReturnValueOnce(false);
  await model.setRefreshMode('ephemeral');
  expect(api.count('refresh')).toBe(2);
  expect(applied).toHaveBeenCalledTimes(2);
});

test('a failing request is told, and forgotten when one succeeds', async () => {
  api.failure = new Error('403 Forbidden');
  await wake();
  expect(model.problem).toBe('403 Forbidden');
  api.failure = null;
  await model.refresh();
  expect(model.problem).toBe('');
});

test('a build is cancelled by path and kernel', async () => {
  await model.cancel();
  expect(api.calls).toContain('cancel a.ipynb k1');
});

test('disposed, it neither reads nor tells', async () => {
  await wake();
  const told = vi.fn();
  model.stateChanged.connect(told);
  const reading = model.refresh();
  model.dispose();
  await reading;
  document.kernelChanged.emit();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).not.toHaveBeenCalled();
  expect(api.count('push')).toBe(0);
});

test('a notebook without a kernel shows none that the server still knows', async () => {
  await wake();
  expect(model.status?.state).toBe('ready');
  document.hasNoKernel = true;
  document.changeKernel(null);
  await settle();
  expect(model.status).toEqual(
    status({ kernel_id: null, state: 'none', reads_headers: false })
  );
  model.handleEvent(event());
  await settle();
  expect(model.status?.state).toBe('none');
});

test('a first start is shown before there is a session', async () => {
  document.kernelId = null;
  api.answer = status({ state: 'building', progress });
  await wake();
  expect(model.status?.state).toBe('building');
});

test('a start is looked at again until its kernel is there, events or not', async () => {
  document.kernelId = null;
  api.answer = status({ kernel_id: null, state: 'none' });
  await wake();
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  api.answer = status({ state: 'building', progress });
  await vi.advanceTimersByTimeAsync(BUILD_POLL);
  expect(model.status?.state).toBe('building');
});

test('a notebook without a kernel is not looked at again', async () => {
  document.kernelId = null;
  document.hasNoKernel = true;
  api.answer = status({ kernel_id: null, state: 'none' });
  await wake();
  await vi.advanceTimersByTimeAsync(10 * BUILD_POLL);
  expect(api.count('status')).toBe(1);
});
