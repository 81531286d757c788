import type { TranslationBundle } from '@jupyterlab/translation';
import { isStarted, markOf } from '../status';
import type { INotebookStatus } from '../tokens';
import { stateName } from './names';

/** Whether there is something to say of a notebook. */
export function hasStatusItem(
  status: INotebookStatus | null
): status is INotebookStatus {
  return status !== null && isStarted(status);
}

/** State, share of the build that is done, and short key. */
export function statusText(
  status: INotebookStatus,
  trans: TranslationBundle
): string {
  const { environment, progress } = status;
  const fraction = progress?.fraction ?? null;
  const parts = [
    markOf(status) === 'differs'
      ? trans.__('%1, header changed', stateName(status, trans))
      : stateName(status, trans),
    fraction === null ? '' : trans.__('%1 %', Math.floor(fraction * 100)),
    environment?.short_key ?? ''
  ];
  return parts.filter(Boolean).join(' · ');
}
