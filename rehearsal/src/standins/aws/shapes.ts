import { parameterFailure } from './cli-failure';

/** Where a value was written: JSON has types, shorthand and plain arguments have only text. */
export type Notation = 'json' | 'text';

/** The type of a parameter, as the service model states it. */
export interface Shape<T> {
  readonly kind: 'string' | 'integer' | 'boolean' | 'list' | 'structure';
  readonly optional?: true;
  /** Whether the items of a list are structures, which the command line writes in shorthand */
  readonly ofStructures?: boolean;
  /**
   * @param path where the value stands, e.g. `imageIds[0].imageTag`
   * @throws CliFailure as the CLI's own parameter validation
   */
  read(value: unknown, path: string, notation: Notation): T;
}

/** What a shape reads. */
export type Value<S> = S extends Shape<infer T> ? T : never;
export type Members = Readonly<Record<string, Shape<unknown>>>;
export type Structure<M extends Members> = { readonly [K in keyof M]: Value<M[K]> };

export const string: Shape<string> = {
  kind: 'string',
  read(value, path) {
    if (typeof value === 'string') return value;
    throw invalidType(path, value, 'string');
  },
};

export const integer: Shape<number> = {
  kind: 'integer',
  read(value, path, notation) {
    const number = notation === 'text' && typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && value !== '') return number;
    throw invalidType(path, value, 'integer');
  },
};

export const boolean: Shape<boolean> = {
  kind: 'boolean',
  read(value, path, notation) {
    if (typeof value === 'boolean') return value;
    if (notation === 'text' && typeof value === 'string') return value.toLowerCase() === 'true';
    throw invalidType(path, value, 'boolean');
  },
};

export function list<T>(member: Shape<T>): Shape<T[]> {
  return {
    kind: 'list',
    ofStructures: member.kind === 'structure',
    read(value, path, notation) {
      const items = Array.isArray(value) ? (value as unknown[]) : undefined;
      if (items === undefined && notation === 'json') throw invalidType(path, value, 'list');
      return (items ?? [value]).map((item, index) =>
        member.read(item, `${path}[${index}]`, notation),
      );
    },
  };
}

export function structure<M extends Members>(members: M): Shape<Structure<M>> {
  return {
    kind: 'structure',
    read(value, path, notation) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw invalidType(path, value, 'structure');
      }
      const given = value as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(given).find((key) => !Object.hasOwn(members, key));
      if (unknown !== undefined) {
        throw validation(
          `Unknown parameter in ${path}: "${unknown}", must be one of: ${Object.keys(members).join(', ')}`,
        );
      }
      const entries = Object.entries(members).map(([key, shape]) => {
        if (given[key] !== undefined) {
          return [key, shape.read(given[key], `${path}.${key}`, notation)] as const;
        }
        if (shape.optional) return [key, undefined] as const;
        throw validation(`Missing required parameter in ${path}: "${key}"`);
      });
      return Object.fromEntries(entries) as Structure<M>;
    },
  };
}

/** A parameter that may be left out. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return { ...shape, optional: true };
}

function invalidType(path: string, value: unknown, wanted: string) {
  return validation(
    `Invalid type for parameter ${path}, value: ${JSON.stringify(value)}, type: ${typeof value}, valid types: ${wanted}`,
  );
}

function validation(problem: string) {
  return parameterFailure(`Parameter validation failed:\n${problem}`);
}
