import type { Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PanelLayout } from '@lumino/widgets';
import { Widget } from '@lumino/widgets';
import { amounts, barOf, stepTitle } from '../text/progress';
import type { IStep } from '../tokens';
import type { IWaitingView } from './waitingcells';

/** One line and a bar: how far the environment is that a cell waits for. */
export class ProgressView extends Widget implements IWaitingView {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('jp-Headstart-cellProgress');
    this._bar.setAttribute('aria-label', _trans.__('Progress of the build'));
    this._text.className = 'jp-Headstart-cellText';
    this.node.append(this._text, this._bar);
  }

  showStep(step: IStep | null): void {
    const trans = this._trans;
    this._bar.hidden = step === null;
    this._text.textContent = step
      ? [stepTitle(step, trans), ...amounts(step, trans)].join(' · ')
      : trans.__('Waiting');
    const { value } = barOf(step);
    if (value === undefined) {
      this._bar.removeAttribute('value');
    } else {
      this._bar.value = value;
    }
  }

  private readonly _bar = document.createElement('progress');
  private readonly _text = document.createElement('span');
}

/**
 * Put a view below a cell's input and outputs, as a widget: it is no output, so it is not saved.
 *
 * The cell may not be drawn yet, for it may be far outside of the window.
 */
export function putInto<T extends Widget>(cell: Cell, view: T): T {
  const dispose = () => view.dispose();
  cell.disposed.connect(dispose);
  view.disposed.connect(() => cell.disposed.disconnect(dispose));
  void cell.ready.then(() => {
    if (!view.isDisposed && !cell.isDisposed) {
      const layout = cell.layout as PanelLayout;
      layout.insertWidget(layout.widgets.length - 1, view);
    }
  });
  return view;
}
