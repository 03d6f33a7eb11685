import { matchesWildcard } from '../wildcard';
import { ServiceException } from '../service-exception';

export const TAG_MUTABILITIES = [
  'MUTABLE',
  'IMMUTABLE',
  'MUTABLE_WITH_EXCLUSION',
  'IMMUTABLE_WITH_EXCLUSION',
] as const;
export type TagMutability = (typeof TAG_MUTABILITIES)[number];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html */
export interface TagMutabilityExclusionFilter {
  readonly filterType: string;
  /** `*` stands for any characters, e.g. `latest` or `cache*` */
  readonly filter: string;
}

/** How a repository treats pushes. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html */
export interface RepositorySettings {
  readonly imageTagMutability: string;
  readonly imageTagMutabilityExclusionFilters: readonly TagMutabilityExclusionFilter[];
  readonly scanOnPush: boolean;
  readonly encryption: { readonly encryptionType: string; readonly kmsKey?: string };
  readonly tags: Readonly<Record<string, string>>;
}

export const DEFAULT_SETTINGS: RepositorySettings = {
  imageTagMutability: 'MUTABLE',
  imageTagMutabilityExclusionFilters: [],
  scanOnPush: false,
  encryption: { encryptionType: 'AES256' },
  tags: {},
};

const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/;
const MAX_FILTERS = 5;

/** @throws ServiceException `InvalidParameterException` when ECR takes no such name */
export function checkRepositoryName(name: string): void {
  if (name.length >= 2 && name.length <= 256 && NAME.test(name)) return;
  throw invalidParameter(
    'repositoryName',
    `must satisfy regular expression '${NAME.source.slice(1, -1)}'`,
  );
}

/** @throws ServiceException `InvalidParameterException` when mode and filters do not fit together */
export function checkTagMutability(
  mutability: string,
  filters: readonly TagMutabilityExclusionFilter[],
): void {
  if (!(TAG_MUTABILITIES as readonly string[]).includes(mutability)) {
    throw invalidParameter(
      'imageTagMutability',
      `Member must satisfy enum value set: [${TAG_MUTABILITIES.join(', ')}]`,
    );
  }
  const wantsFilters = mutability.endsWith('_WITH_EXCLUSION');
  if (wantsFilters !== filters.length > 0 || filters.length > MAX_FILTERS) {
    throw invalidParameter(
      'imageTagMutabilityExclusionFilters',
      wantsFilters
        ? `${mutability} needs 1 to ${MAX_FILTERS} filters, got ${filters.length}`
        : `${mutability} takes no filters`,
    );
  }
  for (const { filterType, filter } of filters) {
    if (filterType !== 'WILDCARD') {
      throw invalidParameter('filterType', 'Member must satisfy enum value set: [WILDCARD]');
    }
    if (!FILTER.test(filter)) {
      throw invalidParameter('filter', `must satisfy regular expression '${FILTER.source}'`);
    }
  }
}

/** Whether a tag, once it is there, can never point to another image. */
export function isTagImmutable(settings: RepositorySettings, tag: string): boolean {
  const excluded = settings.imageTagMutabilityExclusionFilters.some(({ filter }) =>
    matchesWildcard(filter, tag),
  );
  return settings.imageTagMutability.startsWith('IMMUTABLE')
    ? !excluded
    : settings.imageTagMutability === 'MUTABLE_WITH_EXCLUSION' && excluded;
}

/** ECR's frame for values that it does not take. */
export function invalidParameter(parameter: string, constraint: string): ServiceException {
  return new ServiceException(
    'InvalidParameterException',
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
  );
}
