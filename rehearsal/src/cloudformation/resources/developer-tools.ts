import { type Identify, nameAndArn } from './resource-identity';

const connection =
  (service: string): Identify =>
  (namer) => {
    const arn = namer.arn(service, `connection/${namer.uuid()}`);
    return {
      physicalId: arn,
      attributes: {
        ConnectionArn: arn,
        ConnectionStatus: 'AVAILABLE',
        OwnerAccountId: namer.resource.account,
      },
    };
  };

/** CodeBuild, CodePipeline and the services around them. */
export const developerTools: Readonly<Record<string, Identify>> = {
  'AWS::CodeBuild::Project': nameAndArn('Name', (namer, name) =>
    namer.arn('codebuild', `project/${name}`),
  ),
  'AWS::CodeCommit::Repository': (namer) => {
    const name = namer.name('RepositoryName', 100);
    const { region } = namer.resource;
    return {
      physicalId: namer.uuid(),
      name,
      attributes: {
        Arn: namer.arn('codecommit', name),
        Name: name,
        CloneUrlHttp: `https://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`,
        CloneUrlSsh: `ssh://git-codecommit.${region}.amazonaws.com/v1/repos/${name}`,
      },
    };
  },
  'AWS::CodePipeline::Pipeline': (namer) => {
    const name = namer.name('Name', 100);
    const arn = namer.arn('codepipeline', name);
    return { physicalId: name, name, attributes: { Arn: arn, Version: '1' } };
  },
  'AWS::CodePipeline::Webhook': (namer) => {
    const name = namer.name('Name', 100);
    const url = `https://${namer.resource.region}.webhooks.aws/trigger?t=${namer.letters(64, 'url')}&v=1`;
    return { physicalId: name, name, attributes: { Url: url, Id: name } };
  },
  'AWS::CodeConnections::Connection': connection('codeconnections'),
  'AWS::CodeStarConnections::Connection': connection('codestar-connections'),
  'AWS::CodeStarNotifications::NotificationRule': (namer) => {
    const arn = namer.arn('codestar-notifications', `notificationrule/${namer.hex(40)}`);
    return { physicalId: arn, attributes: { Arn: arn } };
  },
};
