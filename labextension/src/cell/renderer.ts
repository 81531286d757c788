import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { readProgress } from '../validate';
import { PROGRESS_MIME } from './leftovers';
import { ProgressView } from './progressview';

/** Shows the progress that a kernel has displayed, in the words of this page. */
class ProgressRenderer extends ProgressView implements IRenderMime.IRenderer {
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    try {
      this.showStep(readProgress(model.data[PROGRESS_MIME]));
    } catch {
      // A file may hold anything: what is no progress is shown as its text says.
      const text = model.data['text/plain'];
      this.node.textContent = typeof text === 'string' ? text : '';
    }
    return Promise.resolve();
  }
}

/** What makes renderers of progress. It shows text only, so that it is safe in any notebook. */
export function progressRenderer(
  trans: TranslationBundle
): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [PROGRESS_MIME],
    createRenderer: () => new ProgressRenderer(trans)
  };
}
