import type { IHeadstartApi, INotebookDocument, RefreshMode } from '../tokens';

/**
 * Give the header of an open document another refresh mode. The server computes the edit; if the
 * document has changed meanwhile, that is done once more. Rejects if it has changed again.
 */
export async function writeRefreshMode(
  document: INotebookDocument,
  api: IHeadstartApi,
  mode: RefreshMode
): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const snapshot = document.snapshot();
    const edit = await api.refresh(document.path, snapshot, mode);
    if (document.isDisposed || document.apply(edit, snapshot)) {
      return;
    }
  }
  throw new Error('The notebook changed while its header was being edited.');
}
