import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
const differs = {
  added: ['scipy'],
  removed: [],
  changed: [],
  refresh: null,
  requires_python: null,
  other: []
};
const failure = { code: 'no-solution', message: 'No.', hint: '', log: '' };

test('a build sends the header as it is in the editor', async () => {
  api.answer = status({ state: 'held' });
  await wake();
  document.write('# /// script\n# dependencies = ["scipy"]\n# ///');
  api.answer = status({ state: 'building', progress });
  await model.build();
  expect(api.count('build a.ipynb')).toBe(1);
  expect(api.pushed.at(-1)?.cells[0].source).toContain('scipy');
  expect(model.status?.state).toBe('building');
});

test.each(['held', 'failed', 'building'] as const)(
  'where it is %s, a header is applied without a restart',
  async state => {
    api.answer = status({ state });
    await wake();
    api.answer = status({ change: { ready: true, error: null } });
    await model.apply();
    await settle();
    expect(api.count('build')).toBe(1);
    expect(document.calls).toEqual([]);
  }
);

test('a changed header is tried first, and the restart asked for when it is there', async () => {
  api.answer = status({ changes: differs });
  await wake();
  api.answer = status({ state: 'changing', changes: differs });
  await model.apply();
  expect(document.calls).toEqual([]);
  api.answer = status({
    changes: differs,
    change: { ready: true, error: null }
  });
  model.handleEvent(event({ state: 'ready' }));
  await settle();
  expect(document.calls).toEqual(['restart']);
  model.handleEvent(event({ state: 'ready' }));
  await settle();
  expect(document.calls).toEqual(['restart']);
});

test('what is there at once is asked for at once', async () => {
  api.answer = status({ changes: differs });
  await wake();
  api.answer = status({
    changes: differs,
    change: { ready: true, error: null }
  });
  await model.apply();
  await settle();
  expect(document.calls).toEqual(['restart']);
});

test('a dialog does not take the keyboard of a user who has gone on', async () => {
  api.answer = status({ changes: differs });
  await wake();
  api.answer = status({ state: 'changing', changes: differs });
  await model.apply();
  document.hasFocus = true;
  api.answer = status({
    changes: differs,
    change: { ready: true, error: null }
  });
  model.handleEvent(event({ state: 'ready' }));
  await settle();
  expect(document.calls).toEqual([]);
  expect(model.status?.change?.ready).toBe(true);
});

test('a header that cannot be had costs nothing', async () => {
  api.answer = status({ changes: differs });
  await wake();
  api.answer = status({ state: 'changing', changes: differs });
  await model.apply();
  const change = { ready: false, error: failure };
  api.answer = status({ changes: differs, change });
  model.handleEvent(event({ state: 'ready' }));
  await settle();
  expect(document.calls).toEqual([]);
  expect(model.status?.change).toEqual(change);
});

test('what came of a header is not said of the next one', async () => {
  api.answer = status({ changes: differs });
  await wake();
  const change = { ready: false, error: failure };
  api.answer = status({ changes: differs, change });
  await model.apply();
  expect(model.status?.change).toEqual(change);
  const before = document.source;
  document.write('# /// script\n# dependencies = ["scipy"]\n# ///');
  await model.refresh();
  expect(model.status?.change).toBeNull();
  document.write(before);
  await model.refresh();
  expect(model.status?.change).toEqual(change);
});

test('a cancelled try does not ask for a restart', async () => {
  api.answer = status({ changes: differs });
  await wake();
  api.answer = status({ state: 'changing', changes: differs });
  await model.apply();
  api.answer = status({
    changes: differs,
    change: { ready: true, error: null }
  });
  await model.cancel();
  await settle();
  expect(document.calls).toEqual([]);
});

test('what was read before a build says nothing of it', async () => {
  api.answer = status({
    changes: differs,
    change: { ready: true, error: null }
  });
  await wake();
  const { promise, open } = gate();
  api.gate = promise;
  const reading = model.refresh();
  api.answer = status({ state: 'changing', changes: differs });
  await model.apply();
  open();
  await reading;
  await settle();
  expect(document.calls).toEqual([]);
  expect(model.status?.state).toBe('changing');
});

test('a kernel that runs what the header says is only restarted', async () => {
  await wake();
  await model.apply();
  expect(api.count('build')).toBe(0);
  expect(document.calls).toEqual(['restart']);
});

test('a restart that is needed runs the cells that waited', async () => {
  const waiting = [
    { msg_id: 'm1', cell_id: 'c1' },
    { msg_id: 'm2', cell_id: 'c2' }
  ];
  api.answer = status({ state: 'building', progress, waiting });
  await wake();
  const error = { ...failure, code: 'restart-needed' };
  api.answer = status({ state: 'failed', error });
  model.handleEvent(event({ state: 'failed' }));
  await settle();
  await model.restartAndRun();
  expect(document.calls).toEqual(['restartAndRun c1 c2']);
});

test('cells that have run are not run again', async () => {
  const waiting = [{ msg_id: 'm1', cell_id: 'c1' }];
  api.answer = status({ state: 'building', progress, waiting });
  await wake();
  api.answer = status();
  await model.refresh();
  await model.restartAndRun();
  expect(document.calls).toEqual(['restartAndRun ']);
});
