import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeaderPush, PUSH_DELAY } from '../../src/notebook/headerpush';
import { FakeApi, FakeDocument } from '../fakes';
import { status } from '../values';

let api: FakeApi;
let document: FakeDocument;
let push: HeaderPush;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeApi();
  document = new FakeDocument();
  push = new HeaderPush(document, api);
});

afterEach(() => {
  push.dispose();
  vi.useRealTimers();
});

test('the header is sent when the notebook opens', async () => {
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  expect(api.pushed).toEqual([document.snapshot()]);
});

test('keystrokes become one sending', async () => {
  for (const end of ['n', 'nu', 'num']) {
    document.write(`# /// script\n# dependencies = ["${end}"]\n# ///`);
    await vi.advanceTimersByTimeAsync(PUSH_DELAY / 2);
  }
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  expect(api.pushed.map(item => item.cells[0].source)).toEqual([
    document.source
  ]);
});

test('a change that leaves the header alone is not sent', async () => {
  await push.flush();
  document.contentChanged.emit();
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  expect(api.count('push')).toBe(1);
});

test('a notebook that was renamed is sent under its new path', async () => {
  await push.flush();
  document.path = 'b.ipynb';
  document.contentChanged.emit();
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  expect(api.calls).toEqual(['push a.ipynb', 'push b.ipynb']);
});

test('a header that could not be sent is sent with the next flush', async () => {
  api.failure = new Error('No connection');
  await expect(push.flush()).rejects.toThrow('No connection');
  api.failure = null;
  await push.flush();
  expect(api.count('push')).toBe(2);
});

test('flushing waits for a sending in hand', async () => {
  const accepted = vi.fn();
  push.accepted.connect(accepted);
  void push.flush();
  await push.flush();
  expect(accepted).toHaveBeenCalledWith(push, status());
  expect(api.count('push')).toBe(1);
});

test('a header is sent again when the notebook was saved', async () => {
  await push.flush();
  document.saved.emit();
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  expect(api.pushed).toEqual([document.snapshot(), document.snapshot()]);
});

test('a header that the server has is sent again if the file may have changed', async () => {
  await push.flush();
  await push.sendAgain();
  expect(api.count('push')).toBe(2);
});

test('after the end nothing is sent, saved or not', async () => {
  push.dispose();
  document.saved.emit();
  await vi.advanceTimersByTimeAsync(PUSH_DELAY);
  await push.sendAgain();
  expect(api.count('push')).toBe(0);
});
