import { beforeEach, expect, test } from 'vitest';
import { Announcer } from '../../src/shell/announcer';
import { FakeManager, FakeModel } from '../fakemodel';
import { progress, status, trans } from '../values';

let manager: FakeManager;
let model: FakeModel;
let said: string[];

const error = { code: 'no-solution', message: 'No.', hint: '', log: '' };

beforeEach(() => {
  manager = new FakeManager();
  model = new FakeModel();
  said = [];
  new Announcer(manager, trans, sentence => said.push(sentence));
});

test('a build is announced once, and its end', () => {
  manager.show(model, status({ state: 'held' }));
  for (const done of [1, 2, 3]) {
    const step = progress({ done });
    manager.show(model, status({ state: 'building', progress: step }));
  }
  manager.show(model, status());
  expect(said).toEqual([
    'Nothing is installed yet',
    'The environment is being built',
    'The environment is ready.'
  ]);
});

test('a notebook that opens ready says nothing', () => {
  manager.show(model, status());
  manager.show(model, status());
  expect(said).toEqual([]);
});

test('a failure is announced with its reason', () => {
  manager.show(model, status({ state: 'failed', error }));
  expect(said).toEqual(['There is no environment: No.']);
});

test('what became of a try is announced', () => {
  manager.show(model, status({ state: 'changing' }));
  manager.show(model, status({ change: { ready: true, error: null } }));
  manager.show(model, status({ state: 'changing' }));
  manager.show(model, status({ change: { ready: false, error } }));
  expect(said).toEqual([
    'A changed header is being tried',
    'The changed header can be applied by a restart.',
    'A changed header is being tried',
    'The changed header was not applied: No.'
  ]);
});

test('a notebook that comes back to the front does not say it again', () => {
  manager.show(model, status({ state: 'held' }));
  manager.show(new FakeModel(), status());
  manager.show(model, status({ state: 'held' }));
  expect(said).toEqual(['Nothing is installed yet']);
});
