import { beforeEach, expect, test } from 'vitest';
import type { IWaitingView } from '../../src/cell/waitingcells';
import { WaitingCells } from '../../src/cell/waitingcells';
import type { IStep, IWaitingCell } from '../../src/tokens';
import { FakeModel } from '../fakemodel';
import { progress, status } from '../values';

class FakeView implements IWaitingView {
  isDisposed = false;
  readonly shown: (IStep | null)[] = [];

  dispose(): void {
    this.isDisposed = true;
  }

  showStep(step: IStep | null): void {
    this.shown.push(step);
  }
}

let model: FakeModel;
let views: Map<string, FakeView>;
let cells: WaitingCells;

function wait(...ids: string[]): void {
  const waiting: IWaitingCell[] = ids.map(cell_id => ({
    msg_id: `of ${cell_id}`,
    cell_id
  }));
  model.take(status({ state: 'building', progress: progress(), waiting }));
}

beforeEach(() => {
  model = new FakeModel();
  views = new Map();
  cells = new WaitingCells(model, id => {
    if (id === 'elsewhere') {
      return null;
    }
    const view = new FakeView();
    views.set(id, view);
    return view;
  });
});

test('the first cell shows how far it is, those behind it only that they wait', () => {
  wait('a', 'b');
  expect(views.get('a')?.shown).toEqual([progress()]);
  expect(views.get('b')?.shown).toEqual([null]);
});

test('a view goes with the wait, and the next cell is the first', () => {
  wait('a', 'b');
  const first = views.get('a');
  wait('b');
  expect(first?.isDisposed).toBe(true);
  expect(views.get('b')?.shown).toEqual([null, progress()]);
  model.take(status());
  expect(views.get('b')?.isDisposed).toBe(true);
});

test('a cell that was run twice has one view', () => {
  wait('a', 'a');
  expect(views.get('a')?.shown).toEqual([progress()]);
});

test('a cell that is drawn again gets another view', () => {
  wait('a');
  const before = views.get('a');
  before?.dispose();
  wait('a');
  expect(views.get('a')).not.toBe(before);
});

test('cells that are not known or not here have none', () => {
  wait('', 'elsewhere', 'a');
  expect([...views.keys()]).toEqual(['a']);
});

test('when the notebook is closed the views go', () => {
  wait('a');
  cells.dispose();
  expect(views.get('a')?.isDisposed).toBe(true);
  wait('b');
  expect(views.has('b')).toBe(false);
});
