import type { IOutput } from '@jupyterlab/nbformat';
import { expect, test } from 'vitest';
import { PROGRESS_MIME, removeLeftovers } from '../../src/cell/leftovers';

const left = {
  output_type: 'display_data',
  data: { [PROGRESS_MIME]: {}, 'text/plain': 'Downloading' },
  metadata: {}
};
const stream = { output_type: 'stream', name: 'stdout', text: 'hello' };
const shown = {
  output_type: 'display_data',
  data: { 'text/plain': 'a figure' },
  metadata: {}
};

class FakeCell {
  readonly cell_type = 'code';
  constructor(readonly outputs: IOutput[]) {}

  getOutputs(): IOutput[] {
    return [...this.outputs];
  }

  updateOutputs(start: number, end: number, outputs: IOutput[]): void {
    this.outputs.splice(start, end - start, ...outputs);
  }
}

test('what a wait has left is taken out, and nothing else', () => {
  const cells = [
    new FakeCell([left, stream, left, shown]),
    { cell_type: 'markdown' },
    new FakeCell([stream])
  ];
  removeLeftovers(cells);
  expect((cells[0] as FakeCell).outputs).toEqual([stream, shown]);
  expect((cells[2] as FakeCell).outputs).toEqual([stream]);
});
