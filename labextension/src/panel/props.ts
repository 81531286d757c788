import type { TranslationBundle } from '@jupyterlab/translation';
import type { IEnvironmentModel } from '../tokens';

/** What each part of the panel is given. */
export interface IViewProps {
  readonly model: IEnvironmentModel;
  readonly trans: TranslationBundle;
}
