import { operation, timestamp } from '../operation';
import { optional, string } from '../shapes';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const getSecretValue = operation({
  service: 'secretsmanager',
  name: 'GetSecretValue',
  members: {
    SecretId: string,
    VersionId: optional(string),
    VersionStage: optional(string),
  },
  access: ({ SecretId }, { services }) => [
    ['secretsmanager:GetSecretValue', services.secrets.secretArn(SecretId)],
  ],
  run: ({ SecretId, VersionId, VersionStage }, { services }) => {
    const { arn, name } = services.secrets.get(SecretId);
    const version = services.secrets.getValue(SecretId, {
      ...(VersionId !== undefined && { versionId: VersionId }),
      ...(VersionStage !== undefined && { stage: VersionStage }),
    });
    return {
      ARN: arn,
      Name: name,
      VersionId: version.versionId,
      SecretString: version.secretString,
      VersionStages: version.stages,
      CreatedDate: timestamp(version.createdAt),
    };
  },
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
const describeSecret = operation({
  service: 'secretsmanager',
  name: 'DescribeSecret',
  members: { SecretId: string },
  access: ({ SecretId }, { services }) => [
    ['secretsmanager:DescribeSecret', services.secrets.secretArn(SecretId)],
  ],
  run: ({ SecretId }, { services }) => {
    const { arn, name, description, createdAt, versions } = services.secrets.get(SecretId);
    return {
      ARN: arn,
      Name: name,
      ...(description !== undefined && { Description: description }),
      LastChangedDate: timestamp(versions.at(-1)?.createdAt ?? createdAt),
      VersionIdsToStages: Object.fromEntries(
        versions
          .filter(({ stages }) => stages.length > 0)
          .map(({ versionId, stages }) => [versionId, stages]),
      ),
      CreatedDate: timestamp(createdAt),
    };
  },
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const createSecret = operation({
  service: 'secretsmanager',
  name: 'CreateSecret',
  members: { Name: string, SecretString: optional(string), Description: optional(string) },
  unplayed: [
    'ClientRequestToken',
    'KmsKeyId',
    'SecretBinary',
    'Tags',
    'AddReplicaRegions',
    'ForceOverwriteReplicaSecret',
    'Type',
  ],
  access: ({ Name }, { services }) => [
    ['secretsmanager:CreateSecret', services.secrets.secretArn(Name)],
  ],
  run: ({ Name, SecretString, Description }, { services }) => {
    const { arn, name, versions } = services.secrets.create(Name, SecretString, Description);
    const versionId = versions.at(-1)?.versionId;
    return { ARN: arn, Name: name, ...(versionId !== undefined && { VersionId: versionId }) };
  },
});

export const secretsManagerOperations = [getSecretValue, describeSecret, createSecret];
