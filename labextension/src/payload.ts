/** Readers of what a server has sent: each gives a value of its type, or throws. */

/** What the server sent is not what it promised. */
export class PayloadError extends Error {
  constructor(field: string, value: unknown) {
    super(`Unexpected value for "${field}": ${JSON.stringify(value)}`);
    this.name = 'PayloadError';
  }
}

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown, name: string): Fields {
  if (!isFields(value)) {
    throw new PayloadError(name, value);
  }
  return value;
}

/** A text; empty if it is absent. */
export function text(from: Fields, name: string): string {
  const value = from[name] ?? '';
  if (typeof value !== 'string') {
    throw new PayloadError(name, value);
  }
  return value;
}

/** A number; 0 if it is absent. */
export function count(from: Fields, name: string): number {
  const value = from[name] ?? 0;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new PayloadError(name, value);
  }
  return value;
}

export function optionalCount(from: Fields, name: string): number | null {
  return from[name] === null || from[name] === undefined
    ? null
    : count(from, name);
}

export function list<T>(
  from: Fields,
  name: string,
  item: (value: unknown) => T
): readonly T[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) {
    throw new PayloadError(name, value);
  }
  return value.map(item);
}

export function optional<T>(
  from: Fields,
  name: string,
  item: (value: unknown) => T
): T | null {
  const value = from[name];
  return value === null || value === undefined ? null : item(value);
}

export function string(value: unknown): string {
  if (typeof value !== 'string') {
    throw new PayloadError('string', value);
  }
  return value;
}

export function oneOf<T extends string>(
  from: Fields,
  name: string,
  choices: readonly T[]
): T {
  const found = choices.find(choice => choice === from[name]);
  if (found === undefined) {
    throw new PayloadError(name, from[name]);
  }
  return found;
}

export function pair<T>(
  item: (value: unknown) => T
): (value: unknown) => readonly [T, T] {
  return value => {
    if (!Array.isArray(value) || value.length !== 2) {
      throw new PayloadError('pair', value);
    }
    return [item(value[0]), item(value[1])];
  };
}
