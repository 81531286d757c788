import { expect, test } from 'vitest';
import { PayloadError } from '../src/payload';
import { readEdit, readEvent, readFailure, readStatus } from '../src/validate';

const none = { path: 'a.ipynb', state: 'none' };
const environment = {
  key: 'ab12',
  short_key: 'ab',
  mode: 'cached',
  python: '3.11.7',
  packages: [{ name: 'six', version: '1', homepage: 'https://example.org' }]
};

test('what is absent has its empty value', () => {
  const status = readStatus({ ...none, environment });
  expect(status.header).toBeNull();
  expect(status.notices).toEqual([]);
  expect(status.environment?.packages[0].required_by).toEqual([]);
  expect(status.environment?.size).toBe(0);
});

test.each([
  null,
  [],
  'text',
  { ...none, state: 'asleep' },
  { ...none, path: 7 },
  { ...none, environment: { ...environment, mode: 'other' } },
  { ...none, environment: { ...environment, packages: {} } },
  { ...none, changes: { changed: [['one']] } },
  { ...none, notices: 'text' },
  { ...none, progress: { done: 'many' } }
])('a status of another form is refused: %j', payload => {
  expect(() => readStatus(payload)).toThrow(PayloadError);
});

test('notices are texts', () => {
  const notices = ['six 1 was taken, and not 2.'];
  expect(readStatus({ ...none, notices }).notices).toEqual(notices);
});

test('a homepage that is no web address is dropped', () => {
  const homepage = 'javascript:alert(1)';
  const packages = [{ name: 'bad', version: '1', homepage }];
  const status = readStatus({
    ...none,
    environment: { ...environment, packages }
  });
  expect(status.environment?.packages[0].homepage).toBe('');
});

test('changes come as pairs', () => {
  const changes = {
    added: ['scipy'],
    changed: [['numpy==1', 'numpy>=2']],
    refresh: ['cached', 'ephemeral'],
    other: ['constraints']
  };
  expect(readStatus({ ...none, changes }).changes).toEqual({
    added: ['scipy'],
    removed: [],
    changed: [['numpy==1', 'numpy>=2']],
    refresh: ['cached', 'ephemeral'],
    requires_python: null,
    other: ['constraints']
  });
});

test('the log of a failure is among its details', () => {
  const details = { log: 'No solution found', other: 1 };
  expect(readFailure({ message: 'No.', details }).log).toBe(
    'No solution found'
  );
  expect(readFailure({ message: 'No.' }).log).toBe('');
});

test.each(['cell', 'front-matter', 'metadata', 'text', 'beside'])(
  'a header may stand in place %j',
  place => {
    const header = { place, cell: null, refresh: 'cached' };
    expect(readStatus({ ...none, header }).header?.place).toBe(place);
  }
);

test('a kernel whose notebook was not found says so', () => {
  const note = 'It is not known which notebook this kernel is for.';
  expect(readStatus({ ...none, note }).note).toBe(note);
  expect(readStatus(none).note).toBeNull();
  expect(() => readStatus({ ...none, note: 1 })).toThrow(PayloadError);
});

test.each(['held', 'building', 'ready', 'changing', 'failed', 'none'] as const)(
  'a kernel may be %s',
  state => {
    expect(readStatus({ ...none, state }).state).toBe(state);
  }
);

test('what waits and what became of a change are told', () => {
  const waiting = [{ msg_id: 'm1', cell_id: 'c1' }];
  const error = { code: 'cancelled', message: 'It was cancelled.' };
  const told = readStatus({ ...none, waiting, change: { error } });
  expect(told.waiting).toEqual(waiting);
  expect(told.change).toMatchObject({ ready: false, error });
  expect(readStatus(none)).toMatchObject({ waiting: [], change: null });
  expect(() => readStatus({ ...none, waiting: [1] })).toThrow(PayloadError);
  expect(() => readStatus({ ...none, change: 'no' })).toThrow(PayloadError);
});

test('of a build, what is not known yet is null', () => {
  const known = { bytes_done: 1, bytes_total: 2, fraction: 0.5, remaining: 3 };
  expect(readStatus({ ...none, progress: known }).progress).toMatchObject(
    known
  );
  expect(readStatus({ ...none, progress: {} }).progress).toMatchObject({
    bytes_total: 0,
    fraction: null,
    remaining: null
  });
});

test('an edit is of a cell or of the metadata', () => {
  const edit = { place: 'metadata', cell: null, metadata: { refresh: true } };
  expect(readEdit(edit).metadata).toEqual({ refresh: true });
  expect(readEdit({ ...edit, metadata: 'six' }).metadata).toBe('six');
  expect(readEdit({ ...edit, metadata: null }).metadata).toBeNull();
  expect(() => readEdit({ place: 'elsewhere' })).toThrow(PayloadError);
});

test('an event needs a state that we know', () => {
  const event = { path: 'a.ipynb', kernel_id: 'k1', state: 'ready' };
  expect(readEvent(event).done).toBe(0);
  expect(() => readEvent({ ...event, state: 'lost' })).toThrow(PayloadError);
});

test('what a restart does and what is no header are told', () => {
  const told = { reads_headers: true, misplaced: 'Not read.' };
  expect(readStatus({ ...none, ...told })).toMatchObject(told);
  expect(readStatus(none)).toMatchObject({
    reads_headers: false,
    misplaced: ''
  });
  expect(() => readStatus({ ...none, misplaced: 1 })).toThrow(PayloadError);
});
