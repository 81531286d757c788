import type { JSONValue } from '@lumino/coreutils';
import type {
  EnvironmentState,
  HeaderPlace,
  IChanges,
  IEnvironment,
  IEnvironmentEvent,
  IFailure,
  IHeader,
  IHeaderEdit,
  INotebookStatus,
  IPackage,
  IProgress,
  RefreshMode
} from './tokens';

/** What the server sent is not what it promised. */
export class PayloadError extends Error {
  constructor(field: string, value: unknown) {
    super(`Unexpected value for "${field}": ${JSON.stringify(value)}`);
    this.name = 'PayloadError';
  }
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: unknown, name: string): Fields {
  if (!isFields(value)) {
    throw new PayloadError(name, value);
  }
  return value;
}

function text(from: Fields, name: string): string {
  const value = from[name] ?? '';
  if (typeof value !== 'string') {
    throw new PayloadError(name, value);
  }
  return value;
}

function count(from: Fields, name: string): number {
  const value = from[name] ?? 0;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new PayloadError(name, value);
  }
  return value;
}

function optionalCount(from: Fields, name: string): number | null {
  return from[name] === null || from[name] === undefined
    ? null
    : count(from, name);
}

function list<T>(
  from: Fields,
  name: string,
  item: (value: unknown) => T
): readonly T[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) {
    throw new PayloadError(name, value);
  }
  return value.map(item);
}

function optional<T>(
  from: Fields,
  name: string,
  item: (value: unknown) => T
): T | null {
  const value = from[name];
  return value === null || value === undefined ? null : item(value);
}

function string(value: unknown): string {
  if (typeof value !== 'string') {
    throw new PayloadError('string', value);
  }
  return value;
}

function oneOf<T extends string>(
  from: Fields,
  name: string,
  choices: readonly T[]
): T {
  const found = choices.find(choice => choice === from[name]);
  if (found === undefined) {
    throw new PayloadError(name, from[name]);
  }
  return found;
}

function pair<T>(item: (value: unknown) => T) {
  return (value: unknown): readonly [T, T] => {
    if (!Array.isArray(value) || value.length !== 2) {
      throw new PayloadError('pair', value);
    }
    return [item(value[0]), item(value[1])];
  };
}

const STATES: readonly EnvironmentState[] = [
  'none',
  'building',
  'ready',
  'unknown',
  'failed'
];
const MODES: readonly RefreshMode[] = ['cached', 'ephemeral'];
const PLACES: readonly HeaderPlace[] = [
  'cell',
  'front-matter',
  'metadata',
  'text',
  'beside'
];

function refreshMode(value: unknown): RefreshMode {
  return oneOf({ refresh: value }, 'refresh', MODES);
}

/** Only http(s) addresses become links: a package's metadata is written by strangers. */
function webAddress(value: string): string {
  return /^https?:\/\//i.test(value) ? value : '';
}

function readPackage(value: unknown): IPackage {
  const from = fields(value, 'packages');
  return {
    name: text(from, 'name'),
    version: text(from, 'version'),
    size: count(from, 'size'),
    direct: from.direct === true,
    required_by: list(from, 'required_by', string),
    summary: text(from, 'summary'),
    license: text(from, 'license'),
    homepage: webAddress(text(from, 'homepage'))
  };
}

function readEnvironment(value: unknown): IEnvironment {
  const from = fields(value, 'environment');
  return {
    key: text(from, 'key'),
    short_key: text(from, 'short_key'),
    mode: oneOf(from, 'mode', MODES),
    python: text(from, 'python'),
    prefix: text(from, 'prefix'),
    size: count(from, 'size'),
    reused: from.reused === true,
    packages: list(from, 'packages', readPackage)
  };
}

function readHeader(value: unknown): IHeader {
  const from = fields(value, 'header');
  return {
    place: oneOf(from, 'place', PLACES),
    cell: optionalCount(from, 'cell'),
    requirements: list(from, 'requirements', string),
    requires_python: text(from, 'requires_python'),
    refresh: oneOf(from, 'refresh', MODES),
    warnings: list(from, 'warnings', string)
  };
}

function readChanges(value: unknown): IChanges {
  const from = fields(value, 'changes');
  return {
    added: list(from, 'added', string),
    removed: list(from, 'removed', string),
    changed: list(from, 'changed', pair(string)),
    refresh: optional(from, 'refresh', pair(refreshMode)),
    requires_python: optional(from, 'requires_python', pair(string)),
    other: list(from, 'other', string)
  };
}

/** What progress and events have in common. */
function readStep(from: Fields): Omit<IProgress, 'seconds'> {
  return {
    phase: text(from, 'phase'),
    message: text(from, 'message'),
    done: count(from, 'done'),
    total: count(from, 'total'),
    size: count(from, 'size')
  };
}

function readProgress(value: unknown): IProgress {
  const from = fields(value, 'progress');
  return {
    ...readStep(from),
    seconds: count(from, 'seconds')
  };
}

/** Check an error, as every edge of Headstart renders it. */
export function readFailure(value: unknown): IFailure {
  const from = fields(value, 'error');
  const details = isFields(from.details) ? from.details : {};
  return {
    code: text(from, 'code'),
    message: text(from, 'message'),
    hint: text(from, 'hint'),
    log: typeof details.log === 'string' ? details.log : ''
  };
}

/** Check the status of a notebook. Throws `PayloadError`. */
export function readStatus(value: unknown): INotebookStatus {
  const from = fields(value, 'status');
  return {
    path: text(from, 'path'),
    kernel_id: optional(from, 'kernel_id', string),
    reads_headers: from.reads_headers === true,
    state: oneOf(from, 'state', STATES),
    header: optional(from, 'header', readHeader),
    header_error: optional(from, 'header_error', readFailure),
    misplaced: text(from, 'misplaced'),
    environment: optional(from, 'environment', readEnvironment),
    notices: list(from, 'notices', string),
    changes: optional(from, 'changes', readChanges),
    note: optional(from, 'note', string),
    progress: optional(from, 'progress', readProgress),
    error: optional(from, 'error', readFailure)
  };
}

/** Check an edit of a header. Throws `PayloadError`. */
export function readEdit(value: unknown): IHeaderEdit {
  const from = fields(value, 'edit');
  return {
    place: oneOf(from, 'place', PLACES),
    cell: optionalCount(from, 'cell'),
    source: optional(from, 'source', string),
    metadata: optional(from, 'metadata', item => item as JSONValue)
  };
}

/** Check an event of a build. Throws `PayloadError`. */
export function readEvent(value: unknown): IEnvironmentEvent {
  const from = fields(value, 'event');
  return {
    path: text(from, 'path'),
    kernel_id: text(from, 'kernel_id'),
    state: oneOf(from, 'state', STATES),
    ...readStep(from)
  };
}
