import type { Title, Widget } from '@lumino/widgets';
import { expect, test } from 'vitest';
import { markNotebook, markTitle } from '../../src/shell/marks';
import { FakeManager, FakeModel } from '../fakemodel';
import { status, trans } from '../values';

test('the icon says in dot and words what the notebook in front needs', () => {
  const title = { caption: trans.__('Headstart'), dataset: { kept: 'x' } };
  const manager = new FakeManager();
  markTitle(title as unknown as Title<Widget>, manager, trans);
  const { dataset } = title;
  manager.show(new FakeModel(), status({ state: 'held' }));
  expect(title.dataset).toEqual({ kept: 'x', 'headstart-state': 'held' });
  expect(title.dataset).not.toBe(dataset);
  expect(title.caption).toBe('Headstart\nNothing is installed yet');
  manager.show(new FakeModel(), status());
  expect(title.dataset).toEqual({ kept: 'x', 'headstart-state': '' });
  expect(title.caption).toBe('Headstart');
});

test('each notebook has its own mark', () => {
  const nodes = [{ dataset: {} }, { dataset: {} }] as HTMLElement[];
  const models = nodes.map(node => {
    const model = new FakeModel();
    markNotebook(node, model);
    return model;
  });
  models[1].take(status({ state: 'failed' }));
  expect(nodes.map(node => node.dataset.headstartState)).toEqual([
    '',
    'failed'
  ]);
});
