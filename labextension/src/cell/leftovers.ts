import type { IOutput } from '@jupyterlab/nbformat';

/** The type of the progress that a kernel shows where no front end of ours does. */
export const PROGRESS_MIME = 'application/vnd.headstart.progress+json';

/** A cell's shared model, as far as its outputs are concerned. */
export interface IOutputs {
  readonly cell_type: string;
  getOutputs?(): readonly IOutput[];
  updateOutputs?(start: number, end: number, outputs: IOutput[]): void;
}

/**
 * Take out of the cells what a wait that was broken off has left: progress that goes on no more.
 *
 * `outputs.remove` of the cell's own model is not used: JupyterLab 4.2 has none, and in 4.6 the file
 * keeps the output.
 */
export function removeLeftovers(cells: readonly IOutputs[]): void {
  for (const cell of cells) {
    const outputs = cell.getOutputs?.() ?? [];
    for (let index = outputs.length - 1; index >= 0; index--) {
      if (isProgress(outputs[index])) {
        cell.updateOutputs?.(index, index + 1, []);
      }
    }
  }
}

function isProgress({ data }: IOutput): boolean {
  return typeof data === 'object' && data !== null && PROGRESS_MIME in data;
}
