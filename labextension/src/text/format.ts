const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of 1000 and on one line: `12.3 MB`. */
export function formatSize(bytes: number): string {
  const step =
    bytes > 0
      ? Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
      : 0;
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)}\u00a0${UNITS[step]}`;
}

/** Seconds for people: `8 s`, `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
