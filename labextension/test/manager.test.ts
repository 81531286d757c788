import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EVENT_SCHEMA, HeadstartManager } from '../src/manager';
import { FakeApi, FakeDocument, settle } from './fakes';

let api: FakeApi;
let manager: HeadstartManager;

beforeEach(() => {
  vi.useFakeTimers();
  api = new FakeApi();
  manager = new HeadstartManager(api);
});

afterEach(() => {
  manager.dispose();
  vi.useRealTimers();
});

function open(path: string): FakeDocument {
  const document = new FakeDocument();
  document.path = path;
  manager.open(document);
  return document;
}

test('only the notebook in front is awake', async () => {
  const [a, b] = [open('a.ipynb'), open('b.ipynb')];
  manager.setCurrent(a);
  const first = manager.current;
  manager.setCurrent(b);
  await settle();
  expect([first?.isActive, manager.current?.isActive]).toEqual([false, true]);
});

test('a notebook is read when it comes to the front', () => {
  const document = open('a.ipynb');
  expect(api.calls).toEqual([]);
  manager.setCurrent(document);
  expect(api.calls).toEqual(['status a.ipynb k1']);
});

test('every open notebook sends its header', async () => {
  open('a.ipynb');
  open('b.ipynb');
  await vi.advanceTimersByTimeAsync(1000);
  expect(api.calls).toEqual(['push a.ipynb', 'push b.ipynb']);
});

test('a closed notebook is in front no more', () => {
  const document = open('a.ipynb');
  manager.setCurrent(document);
  const changed = vi.fn();
  manager.changed.connect(changed);
  manager.close(document);
  expect(manager.current).toBeNull();
  expect(changed).toHaveBeenCalledOnce();
});

test('the last view of a notebook takes its unsaved header with it', async () => {
  const [one, other] = [open('a.ipynb'), open('a.ipynb')];
  manager.close(one);
  await settle();
  expect(api.count('close')).toBe(0);
  manager.close(other);
  await settle();
  expect(api.calls).toEqual(['close a.ipynb']);
});

test('events of other schemas are passed over', async () => {
  manager.setCurrent(open('a.ipynb'));
  await settle();
  manager.handleEmission({ schema_id: 'https://example.org/other' });
  expect(api.count('status')).toBe(1);
});

test('events of Headstart reach the notebook', async () => {
  manager.setCurrent(open('a.ipynb'));
  await settle();
  manager.handleEmission({
    schema_id: EVENT_SCHEMA,
    path: 'a.ipynb',
    kernel_id: 'k1',
    state: 'building',
    phase: 'install',
    message: 'Installing',
    done: 1,
    total: 2,
    size: 0
  });
  expect(manager.current?.status?.progress?.done).toBe(1);
});
