import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IChanges } from '../tokens';
import { modeName } from '../text/names';
import { Failure, Notice } from './notice';
import type { IViewProps } from './props';

interface IChangeLine {
  readonly kind: 'added' | 'removed' | 'changed';
  /** What a screen reader says instead of the sign. */
  readonly label: string;
  readonly text: string;
}

const SIGNS = { added: '+', removed: '−', changed: '~' };

/** What differs between the header and what runs, and what became of a try to apply it. */
export function Changes({ model, trans }: IViewProps): JSX.Element | null {
  const { change, changes, state } = model.status ?? {};
  const lines = changes ? linesOf(changes, trans) : [];
  const apply = () => void model.apply();
  if (change?.error) {
    return (
      <Failure
        title={trans.__('The changed header was not applied')}
        failure={change.error}
        action={trans.__('Try again')}
        onAction={apply}
        trans={trans}
      >
        <p>{trans.__('The kernel and its variables are as they were.')}</p>
        <ChangeList lines={lines} />
      </Failure>
    );
  }
  if (change?.ready) {
    return (
      <Notice
        kind="info"
        title={trans.__('The changed header can be applied')}
        action={trans.__('Restart and apply')}
        onAction={apply}
      >
        <p>
          {trans.__(
            'Its environment is there. A restart of the kernel takes it, and loses the variables.'
          )}
        </p>
        <ChangeList lines={lines} />
      </Notice>
    );
  }
  if (!lines.length) {
    return null;
  }
  return (
    <Notice
      kind="info"
      title={trans.__('Header changed since the kernel started')}
      action={state === 'changing' ? '' : trans.__('Restart and apply')}
      onAction={apply}
    >
      <ChangeList lines={lines} />
    </Notice>
  );
}

function ChangeList(props: {
  readonly lines: readonly IChangeLine[];
}): JSX.Element {
  return (
    <ul className="jp-Headstart-changes">
      {props.lines.map(line => (
        <li key={line.kind + line.text} data-kind={line.kind}>
          <span aria-hidden="true">{SIGNS[line.kind]}</span>
          <span className="jp-Headstart-unseen">{line.label}</span>
          {line.text}
        </li>
      ))}
    </ul>
  );
}

function linesOf(changes: IChanges, trans: TranslationBundle): IChangeLine[] {
  const changed = changes.changed.map(arrow);
  if (changes.requires_python) {
    const [before, after] = changes.requires_python;
    changed.push(arrow([pythonLine(before, trans), pythonLine(after, trans)]));
  }
  if (changes.refresh) {
    const [before, after] = changes.refresh;
    changed.push(arrow([modeName(before, trans), modeName(after, trans)]));
  }
  return [
    ...changes.added.map((text): IChangeLine => ({
      kind: 'added',
      label: trans.__('Added: '),
      text
    })),
    ...changes.removed.map((text): IChangeLine => ({
      kind: 'removed',
      label: trans.__('Removed: '),
      text
    })),
    ...[...changed, ...changes.other].map((text): IChangeLine => ({
      kind: 'changed',
      label: trans.__('Changed: '),
      text
    }))
  ];
}

function arrow([before, after]: readonly [string, string]): string {
  return `${before} → ${after}`;
}

function pythonLine(specifier: string, trans: TranslationBundle): string {
  return specifier ? trans.__('Python %1', specifier) : trans.__('any Python');
}
