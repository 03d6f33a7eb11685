import { readRepositoryDefinition } from '../../src/ecr/repository-definition';

const resource = (properties: Record<string, unknown>) => ({
  stack: 'Stack',
  logicalId: 'Repository',
  type: 'AWS::ECR::Repository',
  physicalId: 'team/api',
  attributes: {},
  properties,
  region: 'ap-northeast-2',
  account: '000000000000',
});

test('a repository of a template has its mutability, filters, scanning and policy', () => {
  const definition = readRepositoryDefinition(
    resource({
      RepositoryName: 'team/api',
      ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      ImageTagMutabilityExclusionFilters: [
        {
          ImageTagMutabilityExclusionFilterType: 'WILDCARD',
          ImageTagMutabilityExclusionFilterValue: 'latest',
        },
      ],
      ImageScanningConfiguration: { ScanOnPush: 'true' },
      LifecyclePolicy: { LifecyclePolicyText: '{}' },
    }),
  );
  expect(definition).toEqual({
    name: 'team/api',
    settings: {
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
      scanOnPush: true,
    },
    lifecyclePolicyText: '{}',
  });
});

test('a repository without properties has the defaults of ECR', () => {
  expect(readRepositoryDefinition(resource({}))).toEqual({
    name: 'team/api',
    settings: {
      imageTagMutability: 'MUTABLE',
      imageTagMutabilityExclusionFilters: [],
      scanOnPush: false,
    },
  });
});

test('a property of the wrong type is named with its stack', () => {
  expect(() => readRepositoryDefinition(resource({ ImageTagMutability: 5 }))).toThrow(
    "AWS::ECR::Repository 'Repository' in stack 'Stack'",
  );
});
