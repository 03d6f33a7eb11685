import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredResources, readCloudAssembly } from '../../src/cloudformation/cloud-assembly';
import { deployStacks } from '../../src/cloudformation/deploy';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { nothingStored } from './deploy-template';

const scratch = scratchDirectory();
let assemblies = 0;

function assembly(templates: Record<string, object>) {
  assemblies += 1;
  const directory = join(scratch, String(assemblies));
  mkdirSync(directory, { recursive: true });
  const manifest = {
    version: '21.0.0',
    artifacts: {
      Shop: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://111122223333/eu-west-1',
        properties: { templateFile: 'Shop.template.json' },
      },
    },
  };
  for (const [name, content] of Object.entries({ 'manifest.json': manifest, ...templates })) {
    writeFileSync(join(directory, name), JSON.stringify(content));
  }
  return readCloudAssembly(directory);
}

const nested = (file: string, Parameters: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL: { 'Fn::Sub': 'https://s3.${AWS::URLSuffix}/x' }, Parameters },
  Metadata: { 'aws:asset:path': file, 'aws:asset:property': 'TemplateURL' },
});

const shop = () =>
  assembly({
    'Shop.template.json': {
      Resources: {
        Data: nested('Data.nested.template.json'),
        Service: nested('Service.nested.template.json', {
          RepositoryName: { 'Fn::GetAtt': ['Data', 'Outputs.Repository'] },
          Zones: { 'Fn::GetAZs': '' },
        }),
      },
      Outputs: { Log: { Value: { 'Fn::GetAtt': ['Service', 'Outputs.Log'] } } },
    },
    'Data.nested.template.json': {
      Resources: {
        Images: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'shop' } },
      },
      Outputs: {
        Repository: { Value: { Ref: 'Images' }, Export: { Name: 'images' } },
      },
    },
    'Service.nested.template.json': {
      Parameters: { RepositoryName: { Type: 'String' }, Zones: { Type: 'CommaDelimitedList' } },
      Resources: {
        Log: {
          Type: 'AWS::Logs::LogGroup',
          Properties: {
            LogGroupName: {
              'Fn::Join': [
                '/',
                ['', { Ref: 'RepositoryName' }, { 'Fn::Select': [1, { Ref: 'Zones' }] }],
              ],
            },
          },
        },
        Home: { Type: 'Test::Type::Home', Properties: { Stack: { Ref: 'AWS::StackName' } } },
      },
      Outputs: { Log: { Value: { Ref: 'Log' } } },
    },
  });
const deploy = (of: ReturnType<typeof assembly>) =>
  deployStacks(of, { account: '0', region: 'x', lookups: nothingStored });

test('a nested stack takes its parameters from the outer one, and gives its outputs back', () => {
  const deployed = deploy(shop());

  expect(deployed.stack('Shop')?.outputs).toEqual({ Log: '/shop/eu-west-1b' });
  expect(deployed.find('AWS::ECR::Repository', 'shop')?.logicalId).toBe('Images');
  expect(deployed.exportedValue('images', '111122223333', 'eu-west-1')).toBe('shop');
});

test('a nested stack has a name that CloudFormation would make up, and so have its resources', () => {
  const [home] = deploy(shop()).ofType('Test::Type::Home');

  expect(home?.stack).toMatch(/^Shop-Service-[0-9A-Z]{13}$/);
  expect(home?.properties).toEqual({ Stack: home?.stack });
});

test('resources of nested stacks are among those that are classified', () => {
  expect(declaredResources(shop()).map(({ stack, logicalId }) => `${stack} ${logicalId}`)).toEqual([
    'Shop Data',
    'Shop Service',
    'Shop/Data Images',
    'Shop/Service Log',
    'Shop/Service Home',
  ]);
});

test('a nested template that is somewhere else is named with its address', () => {
  const elsewhere = assembly({
    'Shop.template.json': {
      Resources: {
        Vpc: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { TemplateURL: 'https://s3.amazonaws.com/quickstart/vpc.yaml' },
        },
      },
    },
  });

  expect(() => deploy(elsewhere)).toThrow(
    'its TemplateURL is "https://s3.amazonaws.com/quickstart/vpc.yaml"',
  );
});
