import type { TranslationBundle } from '@jupyterlab/translation';
import type { Mark } from '../status';
import type { INotebookStatus, RefreshMode } from '../tokens';

/** What the state of a notebook's environment is called. */
export function stateName(
  status: Pick<INotebookStatus, 'kernel_id' | 'state'>,
  trans: TranslationBundle
): string {
  if (status.kernel_id === null && status.state === 'none') {
    return trans.__('Not running');
  }
  switch (status.state) {
    case 'held':
      return trans.__('Held');
    case 'building':
      return trans.__('Building');
    case 'ready':
      return trans.__('Ready');
    case 'changing':
      return trans.__('Changing');
    case 'failed':
      return trans.__('Failed');
    case 'none':
      return trans.__('No header');
  }
}

/** What a mark means, for a line of its own; empty if there is none. */
export function markText(mark: Mark, trans: TranslationBundle): string {
  switch (mark) {
    case 'held':
      return trans.__('Nothing is installed yet');
    case 'building':
      return trans.__('The environment is being built');
    case 'changing':
      return trans.__('A changed header is being tried');
    case 'failed':
      return trans.__('There is no environment');
    case 'differs':
      return trans.__('The header is not the one that runs');
    case '':
      return '';
  }
}

/** What a phase of a build is called; the server may know more phases than we do. */
export function phaseName(phase: string, trans: TranslationBundle): string {
  switch (phase) {
    case 'interpreter':
      return trans.__('Finding Python');
    case 'resolve':
      return trans.__('Resolving');
    case 'wait':
      return trans.__('Waiting for another build');
    case 'download':
      return trans.__('Downloading');
    case 'install':
      return trans.__('Installing');
    case 'compile':
      return trans.__('Compiling bytecode');
    case 'check':
      return trans.__('Checking');
    case 'layer':
      return trans.__('Preparing Python, once');
    case 'ready':
      return trans.__('Attaching');
    default:
      return trans.__('Starting');
  }
}

/** What a refresh mode is called. */
export function modeName(mode: RefreshMode, trans: TranslationBundle): string {
  return mode === 'cached'
    ? trans.__('Cached')
    : trans.__('Fresh at each start');
}
