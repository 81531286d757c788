import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import {
  ICommandPalette,
  ISessionContextDialogs,
  SessionContextDialogs
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Event } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStatusBar } from '@jupyterlab/statusbar';
import { progressRenderer } from './cell/renderer';
import { headstartIcon } from './icons';
import { HeadstartManager } from './manager';
import { HeadstartPanel } from './panel/panel';
import { HeadstartApi } from './restapi';
import { Announcer, liveRegion } from './shell/announcer';
import { captionOf, markTitle } from './shell/marks';
import { StatusItem } from './shell/statusitem';
import { markOf } from './status';
import { hasStatusItem } from './text/statustext';
import { IHeadstartManager } from './tokens';
import { NotebookFollower } from './notebook/tracker';

const OPEN = 'headstart:open';
const APPLY = 'headstart:apply';

/** Follows the open notebooks and sends their headers to the server. */
const manager: JupyterFrontEndPlugin<IHeadstartManager> = {
  id: 'headstart:manager',
  description: 'Follows the environments of the open notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISessionContextDialogs, ITranslator],
  provides: IHeadstartManager,
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sessionDialogs: ISessionContextDialogs | null,
    translator: ITranslator | null
  ): IHeadstartManager => {
    const { events, serverSettings } = app.serviceManager;
    const known = translator ?? nullTranslator;
    const dialogs =
      sessionDialogs ?? new SessionContextDialogs({ translator: known });
    const headstart = new HeadstartManager(new HeadstartApi(serverSettings));
    events.stream.connect((_: Event.IManager, emission: Event.Emission) =>
      headstart.handleEmission(emission)
    );
    new NotebookFollower(tracker, headstart, dialogs, known.load('headstart'));
    return headstart;
  }
};

/** The panel, the commands and the palette. */
const panel: JupyterFrontEndPlugin<void> = {
  id: 'headstart:plugin',
  description: 'Shows the environment of the notebook in front.',
  autoStart: true,
  requires: [IHeadstartManager],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    headstart: IHeadstartManager,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('headstart');
    const widget = new HeadstartPanel(headstart, translator ?? nullTranslator);
    app.shell.add(widget, 'right', { rank: 450, type: 'Headstart' });
    restorer?.add(widget, widget.id);
    markTitle(widget.title, headstart, trans);
    const region = liveRegion();
    new Announcer(headstart, trans, sentence => {
      region.textContent = sentence;
    });

    app.commands.addCommand(OPEN, {
      label: args =>
        args.toolbar ? '' : trans.__('Show the Environment of the Kernel'),
      caption: () =>
        captionOf(
          trans.__('Show the environment of the kernel'),
          headstart,
          trans
        ),
      icon: headstartIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            toolbar: {
              type: 'boolean',
              description: trans.__('Whether only the icon is shown')
            }
          }
        }
      },
      execute: () => app.shell.activateById(widget.id)
    });
    app.commands.addCommand(APPLY, {
      label: trans.__('Apply the Header as Shown'),
      isEnabled: () => headstart.current !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => headstart.current?.apply()
    });
    let mark = '';
    headstart.changed.connect(() => {
      const before = mark;
      mark = markOf(headstart.current?.status ?? null);
      if (mark !== before) {
        app.commands.notifyCommandChanged(OPEN);
      }
    });
    const category = trans.__('Headstart');
    palette?.addItem({ command: OPEN, category });
    palette?.addItem({ command: APPLY, category });
  }
};

/** State and key in the status bar, where there is one. */
const statusItem: JupyterFrontEndPlugin<void> = {
  id: 'headstart:status',
  description: 'Shows the state of the environment in the status bar.',
  autoStart: true,
  requires: [IHeadstartManager],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    headstart: IHeadstartManager,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('headstart');
    const open = () => void app.commands.execute(OPEN);
    statusBar?.registerStatusItem('headstart:status', {
      item: new StatusItem(headstart, open, trans),
      align: 'left',
      rank: 10,
      isActive: () => hasStatusItem(headstart.current?.status ?? null),
      activeStateChanged: headstart.changed
    });
  }
};

/** Shows what a kernel has displayed of its progress. */
const renderer: JupyterFrontEndPlugin<void> = {
  id: 'headstart:progress',
  description: 'Shows the progress of a build in the output of a cell.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    registry: IRenderMimeRegistry,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('headstart');
    registry.addFactory(progressRenderer(trans));
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  manager,
  panel,
  statusItem,
  renderer
];
export default plugins;
