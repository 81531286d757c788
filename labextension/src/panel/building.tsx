import React from 'react';
import { formatSeconds } from '../text/format';
import { amounts, barOf, stepTitle } from '../text/progress';
import type { IViewProps } from './props';

/** How far the build is, and a way to end it. */
export function Building({ model, trans }: IViewProps): JSX.Element {
  const seconds = useElapsed(model.buildingSince);
  const progress = model.status?.progress ?? null;
  const title = stepTitle(progress, trans);
  const isBeside = model.status?.state === 'changing';
  return (
    <section className="jp-Headstart-building">
      {isBeside && (
        <p>
          {trans.__(
            'The header is tried beside the kernel, which goes on as it is.'
          )}
        </p>
      )}
      <p className="jp-Headstart-phase">{title}</p>
      <progress
        aria-label={trans.__('Progress of the build')}
        {...barOf(progress)}
      />
      {progress?.message && progress.message !== title && (
        <p translate="no">{progress.message}</p>
      )}
      <div className="jp-Headstart-row">
        <span className="jp-Headstart-quiet">
          {[...amounts(progress, trans), formatSeconds(seconds)].join(' · ')}
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

/** Seconds since a moment given in milliseconds since the epoch, renewed once a second. */
function useElapsed(since: number): number {
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return since ? (Math.max(now, since) - since) / 1000 : 0;
}
