import React from 'react';
import { Failure } from './notice';
import type { IViewProps } from './props';

/** The process that runs does not suit the environment, which is there. */
const RESTART_NEEDED = 'restart-needed';

/** Why there is no environment, and what to do about it. */
export function Failed({ model, trans }: IViewProps): JSX.Element | null {
  const error = model.status?.error;
  if (!error) {
    return null;
  }
  if (error.code === RESTART_NEEDED) {
    return (
      <Failure
        title={trans.__('The kernel has to be restarted')}
        failure={error}
        action={trans.__('Restart')}
        onAction={() => void model.restartAndRun()}
        trans={trans}
      />
    );
  }
  return (
    <Failure
      title={trans.__('No environment for this kernel')}
      failure={error}
      action={trans.__('Try again')}
      onAction={() => void model.build()}
      trans={trans}
    />
  );
}
