import { Signal } from '@lumino/signaling';
import type {
  IEnvironmentModel,
  IHeadstartManager,
  INotebookStatus
} from '../src/tokens';
import { FakeDocument } from './fakes';

/** A model as views see it: its status is what a test gives it. */
export class FakeModel implements IEnvironmentModel {
  readonly document = new FakeDocument();
  status: INotebookStatus | null = null;
  readonly problem = '';
  readonly buildingSince = 0;
  readonly isDisposed = false;
  isActive = true;
  readonly stateChanged: Signal<IEnvironmentModel, void> = new Signal<
    IEnvironmentModel,
    void
  >(this);

  take(status: INotebookStatus | null): void {
    this.status = status;
    this.stateChanged.emit();
  }

  dispose(): void {
    Signal.clearData(this);
  }

  refresh = done;
  setRefreshMode = done;
  build = done;
  apply = done;
  restart = done;
  restartAndRun = done;
  cancel = done;
  useHeadstart = done;
  handleEvent = (): void => undefined;
}

function done(): Promise<void> {
  return Promise.resolve();
}

/** A manager as views see it: `show` puts a model to the front. */
export class FakeManager implements IHeadstartManager {
  current: IEnvironmentModel | null = null;
  readonly isDisposed = false;
  readonly changed: Signal<IHeadstartManager, void> = new Signal<
    IHeadstartManager,
    void
  >(this);

  dispose(): void {
    Signal.clearData(this);
  }

  show(model: FakeModel, status: INotebookStatus | null): void {
    this.current = model;
    model.take(status);
    this.changed.emit();
  }
}
