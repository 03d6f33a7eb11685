import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCloudAssembly } from '../../src/cloudformation/cloud-assembly';

const shop = join(dirname(fileURLToPath(import.meta.url)), 'fixtures/shop');

describe('reading a cloud assembly', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (file: string, content: unknown) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), JSON.stringify(content));
  };
  const stackArtifact = (...dependencies: string[]) => ({
    type: 'aws:cloudformation:stack',
    properties: { templateFile: 'template.json' },
    dependencies,
  });

  test('stacks come in an order in which they can be deployed, those of stages included', () => {
    const { stacks } = readCloudAssembly(shop);

    expect(stacks.map(({ displayName }) => displayName)).toEqual([
      'ServiceStack',
      'CicdStack',
      'Prod/Inner',
    ]);
  });

  test('a dependency that goes through an asset or a stage still counts', () => {
    const { stacks } = readCloudAssembly(shop);

    expect(stacks.map(({ id, dependencies }) => [id, dependencies])).toEqual([
      ['ServiceStack', []],
      ['CicdStack', ['ServiceStack']],
      ['assembly-Prod/ProdInner', ['CicdStack']],
    ]);
  });

  test('a stack that is bound to no account or region has none', () => {
    const { stacks } = readCloudAssembly(shop);

    expect(stacks.map(({ stackName, account, region }) => [stackName, account, region])).toEqual([
      ['shop-service', undefined, 'eu-west-1'],
      ['CicdStack', undefined, undefined],
      ['Prod-Inner', '111122223333', 'us-east-1'],
    ]);
  });

  test('a directory without a manifest is named, with the way to make one', () => {
    expect(() => readCloudAssembly(join(directory, 'cdk.out'))).toThrow(
      /no cloud assembly in .*cdk\.out .*'cdk synth'/,
    );
  });

  test('a manifest that is cut off is named with what JSON.parse says', () => {
    writeFileSync(join(directory, 'manifest.json'), '{"version": "55.0.0", ');

    expect(() => readCloudAssembly(directory)).toThrow(/manifest\.json cannot be read: .*JSON/);
  });

  test('the manifest of a CDK v1 app is refused with its version', () => {
    write('manifest.json', { version: '15.0.0', artifacts: {} });

    expect(() => readCloudAssembly(directory)).toThrow(/'15\.0\.0'.*16\.0\.0 and later/);
  });

  test('stacks that wait for each other are named in a circle', () => {
    write('template.json', { Resources: {} });
    write('manifest.json', {
      version: '55.0.0',
      artifacts: { A: stackArtifact('B'), B: stackArtifact('C'), C: stackArtifact('A') },
    });

    expect(() => readCloudAssembly(directory)).toThrow('A -> B -> C -> A');
  });

  test('a template that is missing is named', () => {
    write('manifest.json', { version: '55.0.0', artifacts: { A: stackArtifact() } });

    expect(() => readCloudAssembly(directory)).toThrow(/template\.json cannot be read: .*ENOENT/);
  });

  test('a template with a transform that rewrites it is refused by the name of the transform', () => {
    write('template.json', { Transform: ['AWS::Serverless-2016-10-31'], Resources: {} });
    write('manifest.json', { version: '55.0.0', artifacts: { A: stackArtifact() } });

    expect(() => readCloudAssembly(directory)).toThrow('AWS::Serverless-2016-10-31');
  });
});
