import type { TranslationBundle } from '@jupyterlab/translation';
import type { EnvironmentState, RefreshMode } from '../tokens';

/** What a state is called. */
export function stateName(
  state: EnvironmentState,
  trans: TranslationBundle
): string {
  switch (state) {
    case 'building':
      return trans.__('Building');
    case 'ready':
      return trans.__('Ready');
    case 'unknown':
      return trans.__('Notebook not known');
    case 'failed':
      return trans.__('Failed');
    case 'none':
      return trans.__('Not running');
  }
}

/** What a refresh mode is called. */
export function modeName(mode: RefreshMode, trans: TranslationBundle): string {
  return mode === 'cached'
    ? trans.__('Cached')
    : trans.__('Fresh at each start');
}
