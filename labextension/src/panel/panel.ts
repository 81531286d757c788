import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import { headstartIcon } from '../icons';
import type { IHeadstartManager } from '../tokens';
import { EnvironmentView } from './view';

/** The side panel. It looks again when it is shown. */
export class HeadstartPanel extends SidePanel {
  constructor(
    private readonly _manager: IHeadstartManager,
    translator: ITranslator
  ) {
    super({ content: new Panel(), translator });
    const trans = translator.load('headstart');
    this.id = 'headstart-panel';
    this.addClass('jp-Headstart');
    this.title.icon = headstartIcon;
    this.title.caption = trans.__('Headstart: the environment of the kernel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Headstart'));

    const heading = document.createElement('h2');
    heading.className = 'jp-text-truncated';
    heading.textContent = trans.__('Environment');
    this.header.addWidget(new Widget({ node: heading }));
    this.addWidget(new EnvironmentView(_manager, trans));
  }

  protected override onBeforeShow(message: Message): void {
    super.onBeforeShow(message);
    void this._manager.current?.refresh();
  }
}
