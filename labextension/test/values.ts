import { nullTranslator } from '@jupyterlab/translation';
import type {
  IEnvironmentEvent,
  INotebookStatus,
  IProgress
} from '../src/tokens';

/** The status of a notebook whose kernel is ready, with what a test wants otherwise. */
export function status(
  changes: Partial<INotebookStatus> = {}
): INotebookStatus {
  return {
    path: 'a.ipynb',
    kernel_id: 'k1',
    reads_headers: true,
    state: 'ready',
    header: null,
    header_error: null,
    misplaced: '',
    environment: null,
    notices: [],
    changes: null,
    note: null,
    progress: null,
    error: null,
    waiting: [],
    change: null,
    ...changes
  };
}

/** How far a build is, with what a test wants otherwise. */
export function progress(changes: Partial<IProgress> = {}): IProgress {
  return {
    phase: 'download',
    message: 'Downloading numpy',
    done: 1,
    total: 3,
    size: 0,
    bytes_done: 0,
    bytes_total: 0,
    fraction: null,
    remaining: null,
    seconds: 5,
    ...changes
  };
}

/** An event of a build, with what a test wants otherwise. */
export function event(
  changes: Partial<IEnvironmentEvent> = {}
): IEnvironmentEvent {
  return {
    path: 'a.ipynb',
    kernel_id: 'k1',
    state: 'building',
    phase: 'download',
    message: 'Downloading numpy',
    done: 1,
    total: 3,
    size: 1000,
    bytes_done: 1000,
    bytes_total: 3000,
    fraction: 0.25,
    remaining: 20,
    waiting: [],
    ...changes
  };
}

/** A translator that gives each text back, with its parts in place. */
export const trans = nullTranslator.load('headstart');
