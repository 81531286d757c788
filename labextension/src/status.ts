import type { IEnvironmentEvent, INotebookStatus, IProgress } from './tokens';

/** What is worth a mark where there is no room for words; empty if all is well. */
export type Mark = 'building' | 'failed' | 'held' | 'changing' | 'differs' | '';

/**
 * Whether a kernel of ours is there or on its way; the server knows of a build before it has given
 * the kernel an id.
 */
export function isStarted({ kernel_id, state }: INotebookStatus): boolean {
  return kernel_id !== null || state !== 'none';
}

/** Whether cells run in the kernel's environment now, so that another one takes a restart. */
export function isRunning({ kernel_id, state }: INotebookStatus): boolean {
  return (
    kernel_id !== null &&
    (state === 'ready' || state === 'changing' || state === 'none')
  );
}

/** Whether an environment is on the way. */
export function isBuilding({ state }: Pick<INotebookStatus, 'state'>): boolean {
  return state === 'building' || state === 'changing';
}

/** What marks a notebook; `differs`: its header is not the one that runs. */
export function markOf(status: INotebookStatus | null): Mark {
  if (!status || !isStarted(status)) {
    return '';
  }
  const { changes, state } = status;
  if (state === 'ready' || state === 'none') {
    return changes ? 'differs' : '';
  }
  return state;
}

/** The status as an event has it, for what the event tells. */
export function withEvent(
  status: INotebookStatus,
  event: IEnvironmentEvent
): INotebookStatus {
  const { kernel_id, state, waiting } = event;
  const told = { ...status, kernel_id, state, waiting };
  return isBuilding(told)
    ? { ...told, progress: progressOf(event), error: null, change: null }
    : { ...told, progress: null };
}

function progressOf(event: IEnvironmentEvent): IProgress {
  return {
    phase: event.phase,
    message: event.message,
    done: event.done,
    total: event.total,
    size: event.size,
    bytes_done: event.bytes_done,
    bytes_total: event.bytes_total,
    fraction: event.fraction,
    remaining: event.remaining,
    seconds: 0
  };
}

/** The status without that of a kernel which the server finds by the path: one that is ending. */
export function withoutKernel(status: INotebookStatus): INotebookStatus {
  return {
    ...status,
    kernel_id: null,
    reads_headers: false,
    state: 'none',
    environment: null,
    notices: [],
    changes: null,
    note: null,
    progress: null,
    error: null,
    waiting: [],
    change: null
  };
}
