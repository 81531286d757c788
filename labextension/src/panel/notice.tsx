import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IFailure } from '../tokens';

interface INoticeProps {
  readonly kind: 'error' | 'info' | 'warning';
  readonly title: string;
  /** What the button says; there is none without it. */
  readonly action?: string;
  readonly onAction?: () => void;
  readonly children?: React.ReactNode;
}

/** A box that says one thing and offers at most one action. */
export function Notice(props: INoticeProps): JSX.Element {
  return (
    <section
      className={`jp-Headstart-notice jp-mod-${props.kind}`}
      role={props.kind === 'error' ? 'alert' : 'status'}
    >
      <h3>{props.title}</h3>
      {props.children}
      {props.action && (
        <button className="jp-Headstart-button" onClick={props.onAction}>
          {props.action}
        </button>
      )}
    </section>
  );
}

interface IFailureProps {
  readonly title: string;
  readonly failure: IFailure;
  readonly action?: string;
  readonly onAction?: () => void;
  readonly trans: TranslationBundle;
  readonly children?: React.ReactNode;
}

/** An error as Headstart gives it: the reason, what to do, and the log folded. */
export function Failure(props: IFailureProps): JSX.Element {
  const { failure, trans } = props;
  return (
    <Notice
      kind="error"
      title={props.title}
      action={props.action}
      onAction={props.onAction}
    >
      <p className="jp-Headstart-reason">{failure.message}</p>
      {failure.hint && <p className="jp-Headstart-hint">{failure.hint}</p>}
      {props.children}
      {failure.log && (
        <details>
          <summary>{trans.__('Log')}</summary>
          <pre tabIndex={0}>{failure.log}</pre>
        </details>
      )}
    </Notice>
  );
}
