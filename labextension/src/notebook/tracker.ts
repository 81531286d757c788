import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { CellFollower } from '../cell/cellfollower';
import type { HeadstartManager } from '../manager';
import { markNotebook } from '../shell/marks';
import { NotebookDocument } from './document';

/** Follows the open notebooks: one document, one model, and what is drawn in its cells. */
export class NotebookFollower {
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _manager: HeadstartManager,
    private readonly _dialogs: ISessionContext.IDialogs,
    private readonly _trans: TranslationBundle
  ) {
    _tracker.forEach(panel => this._follow(panel));
    _tracker.widgetAdded.connect(this._onAdded, this);
    _tracker.currentChanged.connect(this._onCurrentChanged, this);
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    this._follow(panel);
  }

  /** Wait for the content: a header that is not loaded yet must not count as none. */
  private _follow(panel: NotebookPanel): void {
    void panel.context.ready.then(() => {
      if (panel.isDisposed) {
        return;
      }
      const document = new NotebookDocument(panel, this._dialogs);
      this._documents.set(panel, document);
      const model = this._manager.open(document);
      markNotebook(panel.node, model);
      const cells = new CellFollower(panel, model, this._trans);
      panel.disposed.connect(() => cells.dispose());
      panel.disposed.connect(this._onClosed, this);
      this._onCurrentChanged();
    });
  }

  private _onClosed(panel: NotebookPanel): void {
    const document = this._documents.get(panel);
    this._documents.delete(panel);
    if (document) {
      this._manager.close(document);
      document.dispose();
    }
  }

  private _onCurrentChanged(): void {
    const panel = this._tracker.currentWidget;
    this._manager.setCurrent((panel && this._documents.get(panel)) ?? null);
  }

  private readonly _documents = new Map<NotebookPanel, NotebookDocument>();
}
