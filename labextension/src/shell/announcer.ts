import type { TranslationBundle } from '@jupyterlab/translation';
import { markOf } from '../status';
import { markText } from '../text/names';
import type {
  IEnvironmentModel,
  IHeadstartManager,
  INotebookStatus
} from '../tokens';

/**
 * Says in a live region what becomes of the environment of the notebook in front: cell outputs have
 * none, and what is in a closed panel is not read out. Each thing is said once, and no progress.
 */
export class Announcer {
  /**
   * @param _say - Puts a sentence into the live region.
   */
  constructor(
    private readonly _manager: IHeadstartManager,
    private readonly _trans: TranslationBundle,
    private readonly _say: (sentence: string) => void
  ) {
    _manager.changed.connect(this._update, this);
  }

  private _update(): void {
    const { current } = this._manager;
    if (!current?.status) {
      return;
    }
    const sentence = this._sentence(current.status);
    const before = this._said.get(current);
    this._said.set(current, sentence);
    // A notebook that opens with nothing wrong has nothing to say.
    const isNews = before !== undefined || markOf(current.status) !== '';
    if (isNews && sentence !== before) {
      this._say(sentence);
    }
  }

  private _sentence(status: INotebookStatus): string {
    const trans = this._trans;
    const { change, error, state } = status;
    if (change?.error) {
      return trans.__(
        'The changed header was not applied: %1',
        change.error.message
      );
    }
    if (change?.ready) {
      return trans.__('The changed header can be applied by a restart.');
    }
    if (state === 'failed' && error) {
      return trans.__('There is no environment: %1', error.message);
    }
    return state === 'ready'
      ? markText(markOf(status), trans) || trans.__('The environment is ready.')
      : markText(markOf(status), trans);
  }

  private readonly _said = new WeakMap<IEnvironmentModel, string>();
}

/** A live region at the end of the page, which is never seen. */
export function liveRegion(): HTMLElement {
  const region = document.createElement('div');
  region.className = 'jp-Headstart-unseen jp-Headstart-live';
  region.setAttribute('role', 'status');
  document.body.append(region);
  return region;
}
