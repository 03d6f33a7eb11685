import { type Identify, generatedNameWith } from './resource-identity';

/** S3, KMS, ECR, Systems Manager parameters and Secrets Manager. */
export const storage: Readonly<Record<string, Identify>> = {
  'AWS::S3::Bucket': (namer) => {
    const name = namer.text('BucketName') ?? namer.generatedName(63).toLowerCase();
    const { region } = namer.resource;
    return {
      physicalId: name,
      name,
      attributes: {
        Arn: `arn:${namer.partition}:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        WebsiteURL: `http://${name}.s3-website.${region}.amazonaws.com`,
      },
    };
  },
  'AWS::S3::BucketPolicy': generatedNameWith(),
  'AWS::KMS::Key': (namer) => {
    const id = namer.uuid();
    return { physicalId: id, attributes: { KeyId: id, Arn: namer.arn('kms', `key/${id}`) } };
  },
  'AWS::KMS::Alias': (namer) => {
    const name = namer.name('AliasName');
    return { physicalId: name, name, attributes: {} };
  },
  'AWS::ECR::RegistryScanningConfiguration': ({ resource: { account } }) => ({
    physicalId: account,
    attributes: { RegistryId: account },
  }),
  'AWS::ECR::Repository': (namer) => {
    const name = namer.text('RepositoryName') ?? namer.generatedName().toLowerCase();
    const { account, region } = namer.resource;
    return {
      physicalId: name,
      name,
      attributes: {
        Arn: namer.arn('ecr', `repository/${name}`),
        RepositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
      },
    };
  },
  'AWS::SSM::Parameter': (namer) => {
    const name = namer.text('Name') ?? `CFN-${namer.resource.logicalId}-${namer.letters(12)}`;
    return {
      physicalId: name,
      name,
      attributes: {
        Arn: namer.arn('ssm', `parameter/${name.replace(/^\//, '')}`),
        Type: namer.text('Type') ?? 'String',
        Value: namer.text('Value') ?? '',
      },
    };
  },
  'AWS::SecretsManager::Secret': (namer) => {
    const name = namer.text('Name') ?? `${namer.resource.logicalId}-${namer.letters(12, 'name')}`;
    const arn = namer.arn('secretsmanager', `secret:${name}-${namer.letters(6)}`);
    return { physicalId: arn, name, attributes: { Id: arn } };
  },
};
