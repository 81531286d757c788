import type { TranslationBundle } from '@jupyterlab/translation';
import { formatSize } from './format';
import { phaseName } from './names';
import type { IStep } from '../tokens';

/** What happens now, in a few words; the server names the Python that it prepares. */
export function stepTitle(
  step: IStep | null,
  trans: TranslationBundle
): string {
  const isNamed = step?.phase === 'layer' && step.message !== '';
  return isNamed ? step.message : phaseName(step?.phase ?? '', trans);
}

/** How much is done and how long the rest takes, as far as it is known. */
export function amounts(
  step: IStep | null,
  trans: TranslationBundle
): readonly string[] {
  if (!step) {
    return [];
  }
  const { bytes_done, bytes_total, done, remaining, size, total } = step;
  const found: string[] = [];
  if (total > 0) {
    found.push(trans.__('%1 of %2 packages', done, total));
  }
  if (bytes_total > 0) {
    const parts = [formatSize(bytes_done), formatSize(bytes_total)];
    found.push(trans.__('%1 of %2', ...parts));
  } else if (size > 0) {
    found.push(formatSize(size));
  }
  if (remaining !== null) {
    found.push(remainingText(remaining, trans));
  }
  return found;
}

/** An estimate is rounded: it must not look as if it were known, nor change with each event. */
function remainingText(seconds: number, trans: TranslationBundle): string {
  if (seconds < 7.5) {
    return trans.__('a few seconds left');
  }
  const rounded = seconds < 60 ? 5 : 10;
  return seconds < 90
    ? trans.__('about %1 s left', Math.round(seconds / rounded) * rounded)
    : trans.__('about %1 min left', Math.round(seconds / 60));
}

/** The attributes of a bar; without a fraction it only says that something happens. */
export function barOf(step: IStep | null): {
  readonly max?: number;
  readonly value?: number;
} {
  return step && step.fraction !== null
    ? { max: 1, value: Math.min(Math.max(step.fraction, 0), 1) }
    : {};
}
