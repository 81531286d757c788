import type { JSONValue } from '@lumino/coreutils';
import type { IHeaderEdit } from './notebook/header';
import type { Fields } from './payload';
import {
  count,
  fields,
  isFields,
  list,
  oneOf,
  optional,
  optionalCount,
  pair,
  string,
  text
} from './payload';
import type {
  EnvironmentState,
  HeaderPlace,
  IChange,
  IChanges,
  IEnvironment,
  IEnvironmentEvent,
  IFailure,
  IHeader,
  INotebookStatus,
  IPackage,
  IProgress,
  IStep,
  IWaitingCell,
  RefreshMode
} from './tokens';

const STATES: readonly EnvironmentState[] = [
  'held',
  'building',
  'ready',
  'changing',
  'failed',
  'none'
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
function readStep(from: Fields): IStep {
  return {
    phase: text(from, 'phase'),
    message: text(from, 'message'),
    done: count(from, 'done'),
    total: count(from, 'total'),
    size: count(from, 'size'),
    bytes_done: count(from, 'bytes_done'),
    bytes_total: count(from, 'bytes_total'),
    fraction: optionalCount(from, 'fraction'),
    remaining: optionalCount(from, 'remaining')
  };
}

/** Check how far a build is. Throws `PayloadError`. */
export function readProgress(value: unknown): IProgress {
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

function readWaiting(value: unknown): IWaitingCell {
  const from = fields(value, 'waiting');
  return { msg_id: text(from, 'msg_id'), cell_id: text(from, 'cell_id') };
}

function readChange(value: unknown): IChange {
  const from = fields(value, 'change');
  return {
    ready: from.ready === true,
    error: optional(from, 'error', readFailure)
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
    error: optional(from, 'error', readFailure),
    waiting: list(from, 'waiting', readWaiting),
    change: optional(from, 'change', readChange)
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
    waiting: list(from, 'waiting', readWaiting),
    ...readStep(from)
  };
}
