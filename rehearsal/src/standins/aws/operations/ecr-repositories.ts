import type { Repository, ImageStore } from '../../../ecr/image-store';
import { ServiceException } from '../../../service-exception';
import { type Access, operation, type OperationContext, timestamp } from '../operation';
import { boolean, list, optional, string, structure } from '../shapes';

const exclusionFilters = optional(list(structure({ filterType: string, filter: string })));
const scanning = structure({ scanOnPush: optional(boolean) });
const on =
  (...actions: string[]) =>
  ({ repositoryName }: { repositoryName: string }, { services }: OperationContext): Access[] =>
    actions.map((action) => [action, services.images.repositoryArn(repositoryName)]);

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
const getLoginPassword = operation({
  service: 'ecr',
  name: 'GetLoginPassword',
  calls: 'GetAuthorizationToken',
  members: {},
  access: () => [['ecr:GetAuthorizationToken', '*']],
  run: (_, { session, services }) => `${services.tokens.issueToken(session.caller)}\n`,
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html */
const describeRepositories = operation({
  service: 'ecr',
  name: 'DescribeRepositories',
  members: { repositoryNames: optional(list(string)), registryId: optional(string) },
  unplayed: ['nextToken', 'maxResults'],
  access: ({ repositoryNames = ['*'] }, { services }) =>
    repositoryNames.map(
      (name) => ['ecr:DescribeRepositories', services.images.repositoryArn(name)] as const,
    ),
  run: ({ repositoryNames }, { services: { images } }) => ({
    repositories: (
      repositoryNames?.map((name) => images.repository(name)) ?? images.listRepositories()
    ).map((repository) => show(images, repository)),
  }),
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const createRepository = operation({
  service: 'ecr',
  name: 'CreateRepository',
  members: {
    repositoryName: string,
    registryId: optional(string),
    tags: optional(list(structure({ Key: string, Value: string }))),
    imageTagMutability: optional(string),
    imageTagMutabilityExclusionFilters: exclusionFilters,
    imageScanningConfiguration: optional(scanning),
    encryptionConfiguration: optional(
      structure({ encryptionType: string, kmsKey: optional(string) }),
    ),
  },
  access: (input, context) =>
    on('ecr:CreateRepository', ...(input.tags ? ['ecr:TagResource'] : []))(input, context),
  run: (input, { services: { images } }) => {
    const { encryptionType, kmsKey } = input.encryptionConfiguration ?? {};
    const repository = images.createRepository(input.repositoryName, {
      ...mutability(input),
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      encryption: {
        encryptionType: encryptionType ?? 'AES256',
        ...(kmsKey !== undefined && { kmsKey }),
      },
      tags: Object.fromEntries((input.tags ?? []).map(({ Key, Value }) => [Key, Value])),
    });
    return { repository: show(images, repository) };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html */
const putImageTagMutability = operation({
  service: 'ecr',
  name: 'PutImageTagMutability',
  members: {
    repositoryName: string,
    registryId: optional(string),
    imageTagMutability: string,
    imageTagMutabilityExclusionFilters: exclusionFilters,
  },
  access: on('ecr:PutImageTagMutability'),
  run: (input, { services: { images } }) => {
    const { name, settings } = images.updateSettings(input.repositoryName, mutability(input));
    return { registryId: images.account, repositoryName: name, ...showMutability(settings) };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html */
const putImageScanningConfiguration = operation({
  service: 'ecr',
  name: 'PutImageScanningConfiguration',
  members: {
    repositoryName: string,
    registryId: optional(string),
    imageScanningConfiguration: scanning,
  },
  access: on('ecr:PutImageScanningConfiguration'),
  run: ({ repositoryName, imageScanningConfiguration }, { services: { images } }) => {
    const scanOnPush = imageScanningConfiguration.scanOnPush ?? false;
    images.updateSettings(repositoryName, { scanOnPush });
    return {
      registryId: images.account,
      repositoryName,
      imageScanningConfiguration: { scanOnPush },
    };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html */
const putLifecyclePolicy = operation({
  service: 'ecr',
  name: 'PutLifecyclePolicy',
  members: { repositoryName: string, registryId: optional(string), lifecyclePolicyText: string },
  access: on('ecr:PutLifecyclePolicy'),
  run: ({ repositoryName, lifecyclePolicyText }, { services: { images } }) => ({
    registryId: images.account,
    repositoryName,
    lifecyclePolicyText: images.putLifecyclePolicy(repositoryName, lifecyclePolicyText),
  }),
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html */
const getLifecyclePolicy = operation({
  service: 'ecr',
  name: 'GetLifecyclePolicy',
  members: { repositoryName: string, registryId: optional(string) },
  access: on('ecr:GetLifecyclePolicy'),
  run: ({ repositoryName }, { services: { images } }) => {
    const { lifecyclePolicyText } = images.repository(repositoryName);
    if (lifecyclePolicyText === undefined) {
      throw new ServiceException(
        'LifecyclePolicyNotFoundException',
        `Lifecycle policy does not exist for the repository with name '${repositoryName}' in the registry with id '${images.account}'`,
      );
    }
    return { registryId: images.account, repositoryName, lifecyclePolicyText };
  },
});

export const ecrRepositoryOperations = [
  getLoginPassword,
  describeRepositories,
  createRepository,
  putImageTagMutability,
  putImageScanningConfiguration,
  putLifecyclePolicy,
  getLifecyclePolicy,
];

function mutability(input: {
  readonly imageTagMutability: string | undefined;
  readonly imageTagMutabilityExclusionFilters:
    readonly { filterType: string; filter: string }[] | undefined;
}) {
  return {
    imageTagMutability: input.imageTagMutability ?? 'MUTABLE',
    imageTagMutabilityExclusionFilters: input.imageTagMutabilityExclusionFilters ?? [],
  };
}

function show(images: ImageStore, { name, arn, uri, createdAt, settings }: Repository) {
  return {
    repositoryArn: arn,
    registryId: images.account,
    repositoryName: name,
    repositoryUri: uri,
    createdAt: timestamp(createdAt),
    ...showMutability(settings),
    imageScanningConfiguration: { scanOnPush: settings.scanOnPush },
    encryptionConfiguration: settings.encryption,
  };
}

function showMutability(settings: Repository['settings']) {
  const filters = settings.imageTagMutabilityExclusionFilters;
  return {
    imageTagMutability: settings.imageTagMutability,
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters: filters }),
  };
}
