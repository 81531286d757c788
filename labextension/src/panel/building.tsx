import React from 'react';
import { formatSeconds, formatSize } from '../format';
import type { IProgress } from '../tokens';
import type { IViewProps } from './props';

/** How far the build is, and a way to end it. */
export function Building({ model, trans }: IViewProps): JSX.Element {
  const seconds = useElapsed(model.buildingSince);
  const progress = model.status?.progress ?? null;
  const amount = [
    progress && progress.total > 0
      ? trans.__('%1 of %2 packages', progress.done, progress.total)
      : '',
    progress && progress.size > 0 ? formatSize(progress.size) : '',
    formatSeconds(seconds)
  ];
  return (
    <section className="jp-Headstart-building">
      <progress
        aria-label={trans.__('Progress of the build')}
        {...barOf(progress)}
      />
      <p role="status">{progress?.message ?? trans.__('Starting')}</p>
      <div className="jp-Headstart-row">
        <span className="jp-Headstart-quiet">
          {amount.filter(Boolean).join(' · ')}
        </span>
        <button
          className="jp-Headstart-button"
          onClick={() => void model.cancel()}
        >
          {trans.__('Cancel')}
        </button>
      </div>
    </section>
  );
}

/** Without a total the bar only says that something happens. */
function barOf(progress: IProgress | null): { max?: number; value?: number } {
  return progress && progress.total > 0
    ? { max: progress.total, value: progress.done }
    : {};
}

/** Seconds since a moment given in milliseconds since the epoch, renewed once a second. */
function useElapsed(since: number): number {
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return since ? (Math.max(now, since) - since) / 1000 : 0;
}
