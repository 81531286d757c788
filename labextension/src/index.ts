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
import { headstartIcon } from './icons';
import { HeadstartManager } from './manager';
import { HeadstartPanel } from './panel/panel';
import { HeadstartApi } from './restapi';
import { IHeadstartManager } from './tokens';
import { NotebookFollower } from './tracker';

const OPEN = 'headstart:open';
const RESTART = 'headstart:restart';

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
    const dialogs =
      sessionDialogs ??
      new SessionContextDialogs({ translator: translator ?? nullTranslator });
    const headstart = new HeadstartManager(new HeadstartApi(serverSettings));
    events.stream.connect((_: Event.IManager, emission: Event.Emission) =>
      headstart.handleEmission(emission)
    );
    new NotebookFollower(tracker, headstart, dialogs);
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

    app.commands.addCommand(OPEN, {
      label: args =>
        args.toolbar ? '' : trans.__('Show the Environment of the Kernel'),
      caption: trans.__('Show the environment of the kernel'),
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
    app.commands.addCommand(RESTART, {
      label: trans.__('Restart the Kernel with the Header as Shown'),
      isEnabled: () => headstart.current !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => headstart.current?.restart()
    });
    const category = trans.__('Headstart');
    palette?.addItem({ command: OPEN, category });
    palette?.addItem({ command: RESTART, category });
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [manager, panel];
export default plugins;
