import type { TranslationBundle } from '@jupyterlab/translation';
import type { Title, Widget } from '@lumino/widgets';
import { markOf } from '../status';
import { markText } from '../text/names';
import type { IEnvironmentModel, IHeadstartManager } from '../tokens';

/** What is shown of the state of the notebook in front while the panel is closed. */
export function captionOf(
  caption: string,
  { current }: IHeadstartManager,
  trans: TranslationBundle
): string {
  const words = markText(markOf(current?.status ?? null), trans);
  return words ? `${caption}\n${words}` : caption;
}

/** Mark the panel's icon in the side bar with the state of the notebook in front. */
export function markTitle(
  title: Title<Widget>,
  manager: IHeadstartManager,
  trans: TranslationBundle
): void {
  const { caption } = title;
  const update = () => {
    const mark = markOf(manager.current?.status ?? null);
    // A title draws itself again when it is given another object.
    title.dataset = { ...title.dataset, 'headstart-state': mark };
    title.caption = captionOf(caption, manager, trans);
  };
  manager.changed.connect(update);
  update();
}

/** Mark a notebook for the style sheet, which draws it at the button of its toolbar. */
export function markNotebook(
  node: HTMLElement,
  model: IEnvironmentModel
): void {
  const update = () => {
    node.dataset.headstartState = markOf(model.status);
  };
  model.stateChanged.connect(update);
  update();
}
